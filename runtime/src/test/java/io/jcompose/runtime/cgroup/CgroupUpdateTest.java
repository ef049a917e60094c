package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupUpdateTest {
  private static final CgroupHost V1 =
      new CgroupHost(
          Map.of(
              "cpu", Path.of("/cg/cpu"),
              "memory", Path.of("/cg/memory"),
              "pids", Path.of("/cg/pids"),
              "blkio", Path.of("/cg/blkio")),
          Optional.empty(),
          Set.of());
  private static final CgroupHost V2 =
      new CgroupHost(
          Map.of(), Optional.of(Path.of("/cg")), Set.of("cpu", "cpuset", "memory", "pids", "io"));

  private static Resources limits(long nanoCpus, long memoryMiB, long pids, List<DeviceValue> bps) {
    return Resources.UNLIMITED
        .with()
        .nanoCpus(nanoCpus)
        .memoryBytes(memoryMiB << 20)
        .pidsLimit(pids)
        .blkioReadBps(bps)
        .build();
  }

  private static String writes(CgroupHost host, Resources before, Resources after) {
    return new CgroupUpdate(new CgroupLayout(host, "/jc"), "id")
        .between(before, after).stream()
            .map(w -> w.file().getFileName() + " " + w.value())
            .collect(Collectors.joining("\n"));
  }

  @Test
  void writesTheNewValuesAndTheKernelsDefaultsForThoseThatWent() {
    Resources some = limits(500_000_000, 64, 10, List.of());
    assertThat(writes(V2, some, limits(0, 128, 0, List.of())))
        .isEqualTo(
            """
            cpu.max max 100000
            pids.max max
            memory.max 134217728
            memory.swap.max 134217728""");
    assertThat(writes(V2, some, Resources.UNLIMITED))
        .isEqualTo(
            """
            cpu.max max 100000
            memory.max max
            memory.swap.max max
            pids.max max""");
    assertThat(writes(V1, Resources.UNLIMITED, limits(0, 0, 7, List.of()))).isEqualTo("pids.max 7");
  }

  @Test
  void makesRoomForMemoryAndSwapInTheRightOrder() {
    String grown = writes(V1, limits(0, 64, 0, List.of()), limits(0, 128, 0, List.of()));
    assertThat(grown)
        .isEqualTo("memory.memsw.limit_in_bytes 268435456\nmemory.limit_in_bytes 134217728");
    String shrunk = writes(V1, limits(0, 128, 0, List.of()), limits(0, 64, 0, List.of()));
    assertThat(shrunk)
        .isEqualTo("memory.limit_in_bytes 67108864\nmemory.memsw.limit_in_bytes 134217728");
    String gone = writes(V1, limits(0, 128, 0, List.of()), Resources.UNLIMITED);
    assertThat(gone).isEqualTo("memory.memsw.limit_in_bytes -1\nmemory.limit_in_bytes -1");
    String first = writes(V1, Resources.UNLIMITED, limits(0, 64, 0, List.of()));
    assertThat(first)
        .isEqualTo("memory.limit_in_bytes 67108864\nmemory.memsw.limit_in_bytes 134217728");
  }

  @Test
  void aDeviceThatIsNamedNoMoreLosesItsLineOnly() {
    DeviceValue slow = new DeviceValue("/dev/null", 1000);
    DeviceValue fast = new DeviceValue("/dev/zero", 2000);
    Resources both = limits(0, 0, 0, List.of(slow, fast));
    Resources one = limits(0, 0, 0, List.of(fast));
    assertThat(writes(V2, both, one)).isEqualTo("io.max 1:3 rbps=max\nio.max 1:5 rbps=2000");
    assertThat(writes(V1, both, one))
        .isEqualTo(
            """
            blkio.throttle.read_bps_device 1:3 0
            blkio.throttle.read_bps_device 1:5 2000""");
    Resources read = limits(0, 0, 0, List.of(slow));
    Resources write = devices(List.of(), List.of(slow));
    assertThat(writes(V2, read, write)).isEqualTo("io.max 1:3 rbps=max\nio.max 1:3 wbps=1000");
  }

  /** The kernel refuses a weight of 0 for a device. */
  @Test
  void aDevicesWeightGoesBackToItsDefault() {
    Resources heavy = devices(List.of(new DeviceValue("/dev/null", 900)), List.of());
    assertThat(writes(V1, heavy, Resources.UNLIMITED))
        .isEqualTo("blkio.bfq.weight_device 1:3 default");
    assertThat(writes(V2, heavy, Resources.UNLIMITED)).isEqualTo("io.bfq.weight 1:3 default");
  }

  @Test
  void whatAFreshGroupInheritsIsItsParentsAgain(@TempDir Path folder) throws IOException {
    Path jc = Files.createDirectories(folder.resolve("jc"));
    Files.writeString(jc.resolve("memory.swappiness"), "60\n");
    Files.writeString(jc.resolve("cpuset.cpus"), "0-7\n");
    CgroupHost host =
        new CgroupHost(Map.of("memory", folder, "cpuset", folder), Optional.empty(), Set.of());
    Resources pinned =
        Resources.UNLIMITED
            .with()
            .cpusetCpus("0")
            .memorySwappiness(10)
            .oomKillDisable(true)
            .build();
    assertThat(writes(host, pinned, Resources.UNLIMITED))
        .isEqualTo("cpuset.cpus 0-7\nmemory.swappiness 60\nmemory.oom_control 0");
  }

  @Test
  void writesTheLimitsOfARunningTask(@TempDir Path folder) throws IOException {
    Path group = group(folder, "pids.max", "10");
    update(unified(folder, "pids")).apply(pids(10), pids(70));
    assertThat(group.resolve("pids.max")).hasContent("70");
  }

  @Test
  void aTaskWithoutTheGroupTakesNoLimit(@TempDir Path folder) {
    assertThatThrownBy(() -> update(unified(folder, "pids")).apply(Resources.UNLIMITED, pids(7)))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageStartingWith("cannot set pids.max of a running container");
  }

  /** A file that is not there stands for one that the kernel refuses to write. */
  @Test
  void whatTheKernelRefusesLeavesTheOldLimits(@TempDir Path folder) throws IOException {
    Path group = group(folder, "cpu.max", "50000 100000");
    Resources before = limits(500_000_000, 0, 0, List.of());
    Resources after = limits(700_000_000, 0, 9, List.of());
    assertThatThrownBy(() -> update(unified(folder, "cpu", "pids")).apply(before, after))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageStartingWith("the kernel refuses the limits: pids.max = 9: ");
    assertThat(group.resolve("cpu.max")).hasContent("50000 100000");
  }

  /** memory.swap.max is missing without swap accounting; weights are, without their scheduler. */
  @Test
  void whatMayFailDoesNotFailTheRest(@TempDir Path folder) throws IOException {
    Path group = group(folder, "memory.max", "0");
    Resources weighed = Resources.UNLIMITED.with().memoryBytes(64L << 20).blkioWeight(500).build();
    update(unified(folder, "memory", "io")).apply(Resources.UNLIMITED, weighed);
    assertThat(group.resolve("memory.max")).hasContent("67108864");
    Files.createDirectory(group.resolve("memory.swap.max"));
    assertThatThrownBy(
            () -> update(unified(folder, "memory", "io")).apply(Resources.UNLIMITED, weighed))
        .hasMessageContaining("memory.swap.max = 67108864");
  }

  /** The kernel would kill until what is in use fits; what it can drop is not counted. */
  @ParameterizedTest
  @CsvSource({
    "67108865, 0, 0, false",
    "67108864, 0, 0, true",
    "70000000, 2000000, 891136, true",
    "70000000, 2000000, 891135, false",
    "70000000, 0, 0, false"
  })
  void aMemoryLimitBelowWhatIsInUseIsRefused(
      long used, long inactive, long active, boolean fits, @TempDir Path folder)
      throws IOException {
    Path two = group(folder.resolve("two"), "memory.max", "max");
    Files.writeString(two.resolve("memory.current"), used + "\n");
    Files.writeString(
        two.resolve("memory.stat"),
        "anon 5\ninactive_file " + inactive + "\nactive_file " + active + "\n");
    Path one = group(folder.resolve("one"), "memory.limit_in_bytes", "-1");
    Files.writeString(one.resolve("memory.usage_in_bytes"), used + "\n");
    Files.writeString(
        one.resolve("memory.stat"),
        "inactive_file 0\ntotal_inactive_file "
            + inactive
            + "\ntotal_active_file "
            + active
            + "\n");
    CgroupHost v1 =
        new CgroupHost(Map.of("memory", folder.resolve("one")), Optional.empty(), Set.of());
    for (CgroupHost host : List.of(v1, unified(folder.resolve("two"), "memory"))) {
      Resources limit = limits(0, 64, 0, List.of());
      if (fits) {
        update(host).apply(Resources.UNLIMITED, limit);
      } else {
        assertThatThrownBy(() -> update(host).apply(Resources.UNLIMITED, limit))
            .isInstanceOf(JcomposeException.Conflict.class)
            .hasMessage(
                "the memory limit of 67108864 bytes is below the "
                    + (used - inactive - active)
                    + " that the container uses now");
      }
    }
  }

  /** The kernel takes a period that is too long for the old quota only after the new quota. */
  @Test
  void aPeriodThatIsRefusedIsTriedAgainAfterItsQuota(@TempDir Path folder) throws IOException {
    Path group = group(folder, "cpu.cfs_quota_us", "-1");
    CgroupHost v1 = new CgroupHost(Map.of("cpu", folder), Optional.empty(), Set.of());
    Resources half = limits(500_000_000, 0, 0, List.of());
    assertThatThrownBy(() -> update(v1).apply(Resources.UNLIMITED, half))
        .hasMessageStartingWith("the kernel refuses the limits: cpu.cfs_period_us = 100000: ");
    Files.createFile(group.resolve("cpu.cfs_period_us"));
    update(v1).apply(Resources.UNLIMITED, half);
    assertThat(group.resolve("cpu.cfs_period_us")).hasContent("100000");
    assertThat(group.resolve("cpu.cfs_quota_us")).content().startsWith("50000");
  }

  private static CgroupUpdate update(CgroupHost host) {
    return new CgroupUpdate(new CgroupLayout(host, "/jc"), "id");
  }

  private static CgroupHost unified(Path mount, String... controllers) {
    return new CgroupHost(Map.of(), Optional.of(mount), Set.of(controllers));
  }

  private static Path group(Path mount, String file, String value) throws IOException {
    Path group = Files.createDirectories(mount.resolve("jc/id"));
    Files.writeString(group.resolve(file), value);
    return group;
  }

  private static Resources pids(long pids) {
    return limits(0, 0, pids, List.of());
  }

  private static Resources devices(List<DeviceValue> weights, List<DeviceValue> writeBps) {
    return Resources.UNLIMITED.with().blkioWeightDevice(weights).blkioWriteBps(writeBps).build();
  }
}
