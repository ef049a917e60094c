package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
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
      Resources.UNLIMITED.with().memorySwappiness(10).oomKillDisable(true).blkioWeight(500).build();

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
    return Resources.UNLIMITED.withMemoryBytes(bytes);
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

  /** A partition has no queue; its disk is the folder above. */
  @Test
  void theWeightOfADiskNeedsItsScheduler() throws IOException {
    CgroupHost host = new CgroupHost(Map.of("blkio", folder), Optional.empty(), Set.of());
    LostLimits lost = new LostLimits(host, folder);
    Resources weighed = weight("/dev/null"); // 1:3, as if it were a disk
    String problem = "Block I/O weight_device of /dev/null discarded: the disk's scheduler is not";
    assertThat(lost.of(weighed)).singleElement().asString().startsWith(problem);
    Path disk = Files.createDirectories(folder.resolve("dev/block/vda"));
    Path partition = Files.createDirectory(disk.resolve("vda1"));
    Path link = folder.resolve("dev/block/1:3");
    Files.createSymbolicLink(link, partition);
    Files.createDirectory(disk.resolve("queue"));
    Files.writeString(disk.resolve("queue/scheduler"), "[none] bfq\n");
    assertThat(lost.of(weighed)).hasSize(1);
    Files.writeString(disk.resolve("queue/scheduler"), "none [bfq]\n");
    assertThat(lost.of(weighed)).isEmpty();
    Files.delete(link);
    Files.createSymbolicLink(link, disk);
    assertThat(lost.of(weighed)).isEmpty();
  }

  @Test
  void aDiskThatIsNotThereIsRefusedElsewhere() {
    CgroupHost host = new CgroupHost(Map.of(), Optional.empty(), Set.of());
    assertThat(new LostLimits(host, folder).of(weight("/dev/nosuch"))).isEmpty();
    assertThat(new LostLimits(host, folder).of(weight("/"))).hasSize(1);
  }

  @Test
  void costsAreWeightsToo() throws IOException {
    CgroupHost unified = new CgroupHost(Map.of(), Optional.of(folder), Set.of("io"));
    Files.createFile(folder.resolve("io.cost.qos"));
    assertThat(new LostLimits(unified, folder).of(ALL)).isEmpty();
    Path queue = Files.createDirectories(folder.resolve("block/vda/queue"));
    Files.writeString(queue.resolve("scheduler"), "[none] bfq\n");
    Files.delete(folder.resolve("io.cost.qos"));
    assertThat(new LostLimits(unified, folder).of(ALL)).hasSize(1);
  }

  @Test
  void versionOneHasThemAll() throws IOException {
    CgroupHost host =
        new CgroupHost(Map.of("memory", folder, "blkio", folder), Optional.empty(), Set.of());
    Files.createFile(folder.resolve("blkio.weight"));
    assertThat(new LostLimits(host, folder).of(ALL)).isEmpty();
    assertThat(new LostLimits(host, folder).of(memory(64L << 20))).isEmpty();
  }

  private static Resources weight(String device) {
    return Resources.UNLIMITED.withBlkioWeightDevice(List.of(new DeviceValue(device, 300)));
  }
}
