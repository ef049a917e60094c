package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

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
    return new Resources(
        nanoCpus,
        0,
        0,
        0,
        "",
        "",
        memoryMiB << 20,
        0,
        0,
        null,
        false,
        0,
        pids,
        0,
        0,
        0,
        List.of(),
        bps,
        List.of(),
        List.of(),
        List.of());
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
}
