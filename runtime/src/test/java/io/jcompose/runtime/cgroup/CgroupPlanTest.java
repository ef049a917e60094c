package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.TaskPlan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupPlanTest {
  private static final CgroupHost V2 =
      new CgroupHost(
          Map.of(), Optional.of(Path.of("/cg")), Set.of("cpu", "cpuset", "memory", "pids", "io"));

  private static Resources limits(long memorySwap) {
    return new Resources(
        1_500_000_000L,
        512,
        0,
        0,
        "0",
        "",
        100L << 20,
        memorySwap,
        50L << 20,
        10,
        false,
        0,
        99,
        0,
        0,
        500,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static String plan(CgroupHost host, Resources limits) {
    TaskPlan plan = new TaskPlan();
    new CgroupPlan(new CgroupLayout(host, "/jc"), "id", limits).addTo(plan, DeviceRule.STANDARD);
    return plan.toString();
  }

  @Test
  void writesV2Files() {
    assertThat(plan(V2, limits(0)))
        .isEqualTo(
            """
            CGROUP /cg/jc/id 7
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
        new Resources(
            500_000_000L,
            0,
            0,
            0,
            "",
            "",
            100L << 20,
            0,
            0,
            10,
            true,
            0,
            0,
            0,
            0,
            0,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    assertThat(plan(hybrid, limits))
        .isEqualTo(
            """
            CGROUP /cg/memory/jc/id 5
            CGROUP /cg/cpuacct/jc/id 1
            CGROUP /cg/pids/jc/id 1
            CGROUP /cg/cpu/jc/id 1
            CGROUP /cg/devices/jc/std/id 1
            CGROUP /cg/unified/jc/id 3
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
        new Resources(
            0,
            0,
            0,
            0,
            "",
            "",
            0,
            0,
            0,
            null,
            false,
            0,
            0,
            0,
            0,
            300,
            List.of(new DeviceValue("/dev/null", 400)),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    assertThat(plan(V2, limits)).contains("WRITE /cg/jc/id/io.bfq.weight \"1:3 400\" 1\n");
    CgroupHost v1 =
        new CgroupHost(Map.of("blkio", Path.of("/cg/blkio")), Optional.empty(), Set.of());
    assertThat(plan(v1, limits))
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
  void refusesLimitsThatCannotBe() {
    Resources small =
        new Resources(
            0, 0, 0, 0, "", "", 1000, 0, 0, null, false, 0, 0, 0, 0, 0, List.of(), List.of(),
            List.of(), List.of(), List.of());
    assertThatThrownBy(() -> CgroupPlan.check(small, 2))
        .hasMessage("Minimum memory limit allowed is 6MB");
    assertThatThrownBy(() -> CgroupPlan.check(limits(0), 1))
        .hasMessage("range of CPUs is from 0.01 to 1.00, as there are only 1 CPUs available");
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
