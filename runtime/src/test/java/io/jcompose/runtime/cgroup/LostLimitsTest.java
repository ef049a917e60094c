package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LostLimitsTest {
  private static final Resources ALL =
      new Resources(
          0, 0, 0, 0, "", "", 0, 0, 0, 10, true, 0, 0, 0, 0, 500, List.of(), List.of(), List.of(),
          List.of(), List.of());

  @TempDir private Path folder;

  @Test
  void versionTwoHasNoSwappinessAndAlwaysKills() {
    CgroupHost host =
        new CgroupHost(Map.of(), Optional.of(folder), Set.of("memory", "io", "cpu", "pids"));
    assertThat(new LostLimits(host, folder).of(ALL))
        .extracting(text -> text.replaceFirst(".*\\. ", ""))
        .containsExactly(
            "Memory swappiness discarded.", "OomKillDisable discarded.", "Weight discarded.");
    assertThat(new LostLimits(host, folder).of(Resources.UNLIMITED)).isEmpty();
  }

  @Test
  void aKernelWithoutSwapAccountingLimitsMemoryOnly() throws IOException {
    CgroupHost host = new CgroupHost(Map.of(), Optional.of(folder), Set.of("memory"));
    Resources memory = memory(64L << 20);
    assertThat(new LostLimits(host, folder).of(memory)).as("nothing to tell by").isEmpty();
    Path group = Files.createDirectory(folder.resolve("system.slice"));
    Files.createFile(group.resolve("memory.max"));
    assertThat(new LostLimits(host, folder).of(memory))
        .singleElement()
        .asString()
        .endsWith("Memory limited without swap.");
    assertThat(new LostLimits(host, folder).of(Resources.UNLIMITED)).isEmpty();
    Files.createFile(group.resolve("memory.swap.max"));
    assertThat(new LostLimits(host, folder).of(memory)).isEmpty();
  }

  private static Resources memory(long bytes) {
    return new Resources(
        0, 0, 0, 0, "", "", bytes, 0, 0, null, false, 0, 0, 0, 0, 0, List.of(), List.of(),
        List.of(), List.of(), List.of());
  }

  @Test
  void weightsNeedAScheduler() throws IOException {
    CgroupHost host = new CgroupHost(Map.of("blkio", folder), Optional.empty(), Set.of());
    LostLimits lost = new LostLimits(host, folder);
    assertThat(lost.of(ALL)).hasSize(1).first().asString().endsWith("Weight discarded.");
    Files.createFile(folder.resolve("blkio.bfq.io_serviced"));
    assertThat(lost.of(ALL)).isEmpty();
    CgroupHost unified = new CgroupHost(Map.of(), Optional.of(folder), Set.of("io"));
    assertThat(new LostLimits(unified, folder).of(ALL)).hasSize(1);
    Path queue = Files.createDirectories(folder.resolve("block/vda/queue"));
    Files.writeString(queue.resolve("scheduler"), "none [bfq]\n");
    assertThat(new LostLimits(unified, folder).of(ALL)).isEmpty();
  }
}
