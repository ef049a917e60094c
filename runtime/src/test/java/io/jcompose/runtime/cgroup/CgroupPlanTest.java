package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.TaskPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupPlanTest {
  private static final CgroupHost V2 =
      new CgroupHost(
          Map.of(), Optional.of(Path.of("/cg")), Set.of("cpu", "cpuset", "memory", "pids", "io"));

  private static Resources limits(long memorySwap) {
    return Resources.UNLIMITED
        .with()
        .nanoCpus(1_500_000_000L)
        .cpuShares(512)
        .cpusetCpus("0")
        .memoryBytes(100L << 20)
        .memorySwapBytes(memorySwap)
        .memoryReservationBytes(50L << 20)
        .memorySwappiness(10)
        .pidsLimit(99)
        .blkioWeight(500)
        .build();
  }

  private static String plan(CgroupHost host, Resources limits) {
    TaskPlan plan = new TaskPlan();
    new CgroupPlan(new CgroupLayout(host, "/jc"), "id", limits).addTo(plan, DeviceRule.STANDARD);
    return told(plan);
  }

  private static final Pattern WRITTEN =
      Pattern.compile(
          "  r\\d+ = openat - (\\S+) \\S+(, may \\w+, else skip 1)?\n"
              + "  write r\\d+ (.*) \\d+(?:, may (\\w+))?\n");

  /**
   * The groups and what is written, a line each, with what may happen: 0 nothing, 1 any failure, 2
   * that there is no such file. That groups are made first goes without saying.
   */
  private static String told(TaskPlan plan) {
    return WRITTEN
        .matcher(plan.toString())
        .replaceAll(
            m -> {
              String may = m.group(4) == null ? "0" : m.group(4).equals("fail") ? "1" : "2";
              assertThat(m.group(2) == null).as(m.group()).isEqualTo(m.group(4) == null);
              return "WRITE " + m.group(1) + " " + m.group(3) + " " + may + "\n";
            })
        .lines()
        .filter(line -> !line.matches("CGROUP|WRITE|  (mkdirat|fchmodat|figure) .*|  child"))
        .map(line -> line.replaceFirst("^  cgroup ", "CGROUP "))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Test
  void theEndShowsWhyTheKernelKilled() {
    CgroupHost v1 = new CgroupHost(Map.of("memory", Path.of("/m")), Optional.empty(), Set.of());
    for (CgroupHost host : List.of(V2, v1)) {
      TaskPlan plan = new TaskPlan();
      new CgroupPlan(new CgroupLayout(host, "/jc"), "id", Resources.UNLIMITED)
          .addTo(plan, DeviceRule.STANDARD);
      String figures =
          plan.toString()
              .lines()
              .filter(line -> line.startsWith("  figure "))
              .map(line -> line.substring(line.lastIndexOf('/') + 1))
              .collect(Collectors.joining(" "));
      assertThat(figures)
          .isEqualTo(
              host == V2
                  ? "memory.events memory.peak memory.max"
                  : "memory.oom_control memory.max_usage_in_bytes memory.limit_in_bytes");
    }
  }

  @Test
  void writesV2Files() {
    assertThat(plan(V2, limits(0)))
        .isEqualTo(
            """
            CGROUP /cg/jc/id 1
            WRITE /cg/jc/id/cpu.weight 59 0
            WRITE /cg/jc/id/cpu.max "150000 100000" 0
            WRITE /cg/jc/id/cpuset.cpus 0 0
            WRITE /cg/jc/id/memory.max 104857600 0
            WRITE /cg/jc/id/memory.swap.max 104857600 2
            WRITE /cg/jc/id/memory.low 52428800 0
            WRITE /cg/jc/id/pids.max 99 0
            WRITE /cg/jc/id/io.bfq.weight 500 1
            WRITE /cg/jc/id/io.weight 4950 1
            """);
    assertThat(plan(V2, limits(-1))).contains("memory.swap.max max 2");
    assertThat(plan(V2, limits(100L << 20))).contains("memory.swap.max 0 2");
  }

  @Test
  void writesV1FilesAndJoinsTheUnifiedTreeOfAHybridMachine() {
    Map<String, Path> v1 = new LinkedHashMap<>();
    for (String controller :
        List.of("cpu", "cpuacct", "memory", "pids", "devices", "blkio", "freezer")) {
      v1.put(controller, Path.of("/cg", controller));
    }
    CgroupHost hybrid = new CgroupHost(v1, Optional.of(Path.of("/cg/unified")), Set.of());
    Resources limits =
        Resources.UNLIMITED
            .with()
            .nanoCpus(500_000_000L)
            .memoryBytes(100L << 20)
            .memorySwappiness(10)
            .oomKillDisable(true)
            .build();
    assertThat(plan(hybrid, limits))
        .isEqualTo(
            """
            CGROUP /cg/memory/jc/id 0
            CGROUP /cg/cpuacct/jc/id 0
            CGROUP /cg/pids/jc/id 0
            CGROUP /cg/cpu/jc/id 0
            CGROUP /cg/devices/jc/std/id 0
            CGROUP /cg/unified/jc/id 1
            WRITE /cg/cpu/jc/id/cpu.cfs_period_us 100000 0
            WRITE /cg/cpu/jc/id/cpu.cfs_quota_us 50000 0
            WRITE /cg/memory/jc/id/memory.limit_in_bytes 104857600 0
            WRITE /cg/memory/jc/id/memory.memsw.limit_in_bytes 209715200 1
            WRITE /cg/memory/jc/id/memory.swappiness 10 0
            WRITE /cg/memory/jc/id/memory.oom_control 1 0
            """);
  }

  @Test
  void writesWeightsOfDisks() {
    Resources limits =
        Resources.UNLIMITED
            .with()
            .blkioWeight(300)
            .blkioWeightDevice(List.of(new DeviceValue("/dev/null", 400)))
            .build();
    assertThat(plan(V2, limits)).contains("WRITE /cg/jc/id/io.bfq.weight \"1:3 400\" 1\n");
    CgroupHost v1 =
        new CgroupHost(Map.of("blkio", Path.of("/cg/blkio")), Optional.empty(), Set.of());
    assertThat(plan(v1, limits))
        .contains("WRITE /cg/blkio/jc/id/blkio.weight 300 1\n")
        .contains("WRITE /cg/blkio/jc/id/blkio.bfq.weight 300 1\n")
        .contains("WRITE /cg/blkio/jc/id/blkio.bfq.weight_device \"1:3 400\" 1\n");
  }

  @Test
  void turnsSharesIntoWeights() {
    long[][] known = {
      {0, 0},
      {2, 1},
      {100, 17},
      {256, 35},
      {512, 59},
      {1024, 100},
      {2048, 174},
      {4096, 303},
      {8192, 532},
      {65536, 3023},
      {262144, 10000}
    };
    for (long[] pair : known) {
      assertThat(CgroupPlan.weightOfShares(pair[0])).as("shares " + pair[0]).isEqualTo(pair[1]);
    }
  }

  @Test
  void writesPeriodAndQuotaAsTheyAreGiven() {
    CgroupHost v1 = new CgroupHost(Map.of("cpu", Path.of("/cg/cpu")), Optional.empty(), Set.of());
    assertThat(plan(V2, LimitChecksTest.cpu(0, 50_000, 10_000)))
        .contains("cpu.max \"10000 50000\" 0");
    assertThat(plan(V2, LimitChecksTest.cpu(0, 50_000, 0))).contains("cpu.max \"max 50000\" 0");
    assertThat(plan(V2, LimitChecksTest.cpu(0, 50_000, -1))).contains("cpu.max \"max 50000\" 0");
    assertThat(plan(V2, LimitChecksTest.cpu(0, 0, 10_000))).contains("cpu.max \"10000 100000\" 0");
    assertThat(plan(v1, LimitChecksTest.cpu(0, 50_000, 0)))
        .contains("cpu.cfs_period_us 50000 0")
        .doesNotContain("quota");
    assertThat(plan(v1, LimitChecksTest.cpu(0, 0, 10_000)))
        .contains("cpu.cfs_quota_us 10000 0")
        .doesNotContain("period");
    assertThat(plan(V2, Resources.UNLIMITED)).isEqualTo("CGROUP /cg/jc/id 1\n");
  }

  @Test
  void writesNoMemoryLimitThatIsNotGiven() {
    CgroupHost v1 =
        new CgroupHost(Map.of("memory", Path.of("/cg/memory")), Optional.empty(), Set.of());
    assertThat(plan(v1, LimitChecksTest.memory(8 << 20, -1, 0)))
        .contains("memory.limit_in_bytes 8388608 0")
        .doesNotContain("memsw", "soft_limit", "swappiness", "oom_control");
    assertThat(plan(v1, LimitChecksTest.one("swappiness", 0))).contains("memory.swappiness 0 0");
    assertThat(plan(v1, LimitChecksTest.one("swappiness", -1))).doesNotContain("swappiness");
    assertThat(plan(V2, LimitChecksTest.one("swappiness", 10))).doesNotContain("swappiness");
    assertThat(plan(v1, LimitChecksTest.memory(0, 0, 9)))
        .contains("memory.soft_limit_in_bytes 9 0");
  }

  @Test
  void throttlesEachWayOfADisk() {
    DeviceValue device = new DeviceValue("/dev/null", 7);
    List<DeviceValue> none = List.of();
    List<DeviceValue> some = List.of(device);
    CgroupHost v1 =
        new CgroupHost(Map.of("blkio", Path.of("/cg/blkio")), Optional.empty(), Set.of());
    String[][] files = {
      {"read_bps", "rbps"}, {"write_bps", "wbps"}, {"read_iops", "riops"}, {"write_iops", "wiops"}
    };
    for (int i = 0; i < files.length; i++) {
      Resources limits =
          Resources.UNLIMITED
              .with()
              .blkioWeightDevice(none)
              .blkioReadBps(i == 0 ? some : none)
              .blkioWriteBps(i == 1 ? some : none)
              .blkioReadIops(i == 2 ? some : none)
              .blkioWriteIops(i == 3 ? some : none)
              .build();
      assertThat(plan(V2, limits))
          .isEqualTo(
              "CGROUP /cg/jc/id 1\nWRITE /cg/jc/id/io.max \"1:3 " + files[i][1] + "=7\" 0\n");
      assertThat(plan(v1, limits))
          .endsWith(
              "WRITE /cg/blkio/jc/id/blkio.throttle." + files[i][0] + "_device \"1:3 7\" 0\n");
    }
  }

  @Test
  void aLimitWithoutItsControllerIsRefused() {
    CgroupHost bare = new CgroupHost(Map.of(), Optional.of(Path.of("/cg")), Set.of("memory"));
    assertThatThrownBy(() -> plan(bare, LimitChecksTest.one("pids", 7)))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("the kernel has no cgroup controller pids, needed to set pids.max to 7");
  }

  @Test
  void cpusetsArePinnedInAGroupThatHasItsParentsValuesFirst(@TempDir Path cpuset)
      throws IOException {
    Path parent = Files.createDirectories(cpuset.resolve("jc"));
    Files.writeString(parent.resolve("cpuset.cpus"), "0-3\n");
    Files.writeString(parent.resolve("cpuset.mems"), "0\n");
    CgroupHost v1 = new CgroupHost(Map.of("cpuset", cpuset), Optional.empty(), Set.of());
    Resources pinned = Resources.UNLIMITED.with().cpusetCpus("1").cpusetMems("0").build();
    Path group = parent.resolve("id");
    assertThat(plan(v1, pinned))
        .isEqualTo(
            """
            CGROUP %1$s 0
            WRITE %1$s/cpuset.cpus 0-3 0
            WRITE %1$s/cpuset.mems 0 0
            WRITE %1$s/cpuset.cpus 1 0
            WRITE %1$s/cpuset.mems 0 0
            """
                .formatted(group));
    CgroupPlan plan = new CgroupPlan(new CgroupLayout(v1, "/jc"), "id", pinned);
    assertThat(plan.joined()).containsExactly(cpuset);
    assertThat(new CgroupPlan(new CgroupLayout(v1, "/jc"), "id", Resources.UNLIMITED).joined())
        .isEmpty();
    Files.delete(parent.resolve("cpuset.mems"));
    assertThatThrownBy(() -> plan(v1, pinned))
        .isInstanceOf(JcomposeException.Internal.class)
        .hasMessageStartingWith("failed to read " + parent);
  }

  @Test
  void deviceRulesOfItsOwnStandInAGroupOfItsOwn() {
    CgroupHost v1 =
        new CgroupHost(Map.of("devices", Path.of("/cg/devices")), Optional.empty(), Set.of());
    List<DeviceRule> one = List.of(DeviceRule.STANDARD.getFirst());
    assertThat(devices(v1, one))
        .isEqualTo(
            """
            CGROUP /cg/devices/jc/id 0
            WRITE /cg/devices/jc/id/devices.deny a 0
            WRITE /cg/devices/jc/id/devices.allow "%s" 0
            """
                .formatted(one.getFirst()));
    assertThat(devices(v1, DeviceRule.EVERYTHING)).doesNotContain("devices.deny");
    assertThat(devices(v1, DeviceRule.STANDARD)).isEqualTo("CGROUP /cg/devices/jc/std/id 0\n");
    assertThat(new CgroupPlan(new CgroupLayout(v1, "/jc"), "id", Resources.UNLIMITED).joined())
        .containsExactly(Path.of("/cg/devices"));
  }

  private static String devices(CgroupHost host, List<DeviceRule> rules) {
    TaskPlan plan = new TaskPlan();
    new CgroupPlan(new CgroupLayout(host, "/jc"), "id", Resources.UNLIMITED).addTo(plan, rules);
    return told(plan);
  }

  @Test
  void findsHierarchiesInMountinfo() {
    CgroupHost host =
        CgroupHost.parse(
            List.of(
                "30 23 0:26 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro",
                "31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
                "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
                "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
                "34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"),
            Set.of());
    assertThat(host.v1())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "cpu", Path.of("/sys/fs/cgroup/cpu,cpuacct"),
                "cpuacct", Path.of("/sys/fs/cgroup/cpu,cpuacct"),
                "memory", Path.of("/sys/fs/cgroup/memory")));
    assertThat(host.v2()).contains(Path.of("/sys/fs/cgroup/unified"));
    assertThat(host.hierarchies()).hasSize(3);
  }
}
