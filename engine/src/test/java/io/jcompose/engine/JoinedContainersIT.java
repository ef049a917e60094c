package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers in the namespaces of another one, which may have ended. */
@Timeout(60)
class JoinedContainersIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private static TestSpec joining(String name, Security security) {
    TestSpec spec = host.spec(name).sh("exec sleep 1000");
    spec.security = security;
    return spec;
  }

  /** One for each kind of namespace, by its kind. */
  private static Map<String, TestSpec> joining(String other) {
    String mode = "container:" + other;
    TestSpec network = joining("network", Security.DEFAULT);
    network.networking = Networking.NONE.withMode(mode);
    return Map.of(
        "network", network,
        "pid", joining("pid", Security.DEFAULT.with().pidMode(mode).build()),
        "ipc", joining("ipc", Security.DEFAULT.with().ipcMode(mode).build()),
        "uts", joining("uts", Security.DEFAULT.with().utsMode(mode).build()));
  }

  private static String kernel(String kind) {
    return kind.equals("network") ? "net" : kind;
  }

  @Test
  void areWhereTheOtherIsAlsoAfterARestartOfTheEngine() {
    host.network("shop");
    String web = host.start(host.spec("web").sh("exec sleep 1000").on("shop"));
    Map<String, TestSpec> joining = joining(web);
    joining.values().forEach(host::create);
    for (int i = 0; i < 2; i++) {
      joining.forEach(
          (kind, spec) -> {
            String namespace = "readlink /proc/self/ns/" + kernel(kind);
            host.containers().start(spec.name);
            assertThat(host.exec(spec.name, namespace)).isEqualTo(host.exec("web", namespace));
            host.containers().kill(spec.name, "KILL");
            host.containers().await(spec.name);
          });
      host.reopen();
      assertThat(host.exec("web", "ip -o -4 addr show eth0"))
          .contains(host.view("web").endpoints().getFirst().ipv4Address());
    }
  }

  @Test
  void areRefusedWhenTheOtherHasEndedAndNobodyKnows() throws Exception {
    String web = host.start(host.spec("web").sh("exec sleep 1000"));
    ProcessHandle main = ProcessHandle.of(host.view(web).pid()).orElseThrow();
    long shim = main.parent().orElseThrow().pid();
    Path status = Path.of("/proc/" + main.pid() + "/status");
    EngineFixture.shell("kill -STOP " + shim);
    try {
      main.destroyForcibly();
      EngineFixture.await("its end", () -> text(status).contains("State:\tZ"));
      assertThat(host.view(web).state()).isEqualTo(State.RUNNING);
      joining(web)
          .forEach(
              (kind, spec) -> {
                host.create(spec);
                refuses(kind);
              });
    } finally {
      EngineFixture.shell("kill -CONT " + shim);
    }
    host.containers().await(web);
    joining(web).keySet().forEach(JoinedContainersIT::refuses);
  }

  private static void refuses(String kind) {
    assertThatThrownBy(() -> host.containers().start(kind))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("cannot join " + kind + " namespace of a non running container: web");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
