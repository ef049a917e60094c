package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class LimitsIT {
  private static final RestartPolicy ALWAYS = new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void changesARunningContainerAndRemembersIt() {
    TestSpec spec = host.spec("box").sh("exec sleep 1000");
    spec.resources = memory(64);
    host.start(spec);
    long pid = host.view("box").pid();
    host.containers().update("box", memory(32), ALWAYS, Map.of("test", "yes", "hash", "2"));
    assertThat(limit("box")).isEqualTo(32L << 20);
    host.reopen();
    assertThat(host.view("box").pid()).isEqualTo(pid);
    assertThat(host.view("box").spec().resources()).isEqualTo(memory(32));
    assertThat(host.view("box").spec().lifecycle().restart()).isEqualTo(ALWAYS);
    assertThat(host.view("box").labels()).containsEntry("hash", "2");
    host.containers().update("box", Resources.UNLIMITED, RestartPolicy.NO, Map.of("test", "yes"));
    assertThat(limit("box")).isGreaterThan(64L << 20);
  }

  @Test
  void refusesLessMemoryThanIsInUseAndLeavesAllAsItWas() {
    TestSpec spec =
        host.spec("full").sh("head -c 20000000 /dev/zero >/dev/shm/x; echo up; exec sleep 1000");
    spec.resources = memory(64);
    host.start(spec);
    EngineFixture.await("its memory", () -> host.log("full").contains("up"));
    assertThatThrownBy(
            () -> host.containers().update("full", memory(8), ALWAYS, Map.of("test", "new")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("is below the");
    assertThat(limit("full")).isEqualTo(64L << 20);
    assertThat(host.view("full").spec().resources()).isEqualTo(memory(64));
    assertThat(host.view("full").labels()).containsEntry("test", "yes");
    assertThat(host.view("full").isRunning()).isTrue();
  }

  /** Which can: see scripts/vm-test. */
  @Test
  void limitsALayerWhereTheFileSystemCan() {
    TestSpec spec = host.spec("small").sh("dd if=/dev/zero of=/big bs=1M count=20; du -m /big");
    spec.resources = layer(8L << 20);
    List<JcomposeException> problems = host.containers().problems(spec.build());
    if (!problems.isEmpty()) {
      assertThat(problems.toString())
          .contains("only over xfs with 'pquota' or ext4 with 'prjquota'");
      assertThatThrownBy(() -> host.create(spec))
          .isInstanceOf(JcomposeException.NotSupported.class);
      assertThat(host.containers().find("small")).isEmpty();
      return;
    }
    host.run(spec);
    assertThat(host.log("small")) // xfs says the first, ext4 the second
        .containsAnyOf("No space left on device", "Disk quota exceeded")
        .contains("8\t/big");
    host.containers().remove("small", true, true);
    spec.resources = layer(30L << 20);
    host.run(spec);
    assertThat(host.log("small")).contains("20\t/big");
  }

  private static Resources layer(long bytes) {
    return Resources.UNLIMITED.with().pidsLimit(50).layerBytes(bytes).build();
  }

  private static long limit(String ref) {
    return host.engine().activity().stats(ref).memoryLimitBytes();
  }

  private static Resources memory(long mebibytes) {
    return Resources.UNLIMITED.with().memoryBytes(mebibytes << 20).pidsLimit(50).build();
  }
}
