package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TaskPlanTest {
  @Test
  void encodesLittleEndianWithLengths() {
    TaskPlan plan =
        new TaskPlan().add(TaskPlan.Op.SYMLINK, "a", "bc").add(TaskPlan.Op.RLIMIT, 7, -1L);
    assertThat(HexFormat.of().formatHex(plan.encode()))
        .isEqualTo(
            "4a435031"
                + "01000000"
                + "19000000"
                + "0d000000"
                + "02000000"
                + "6100"
                + "03000000"
                + "626300"
                + "20000000"
                + "0c000000"
                + "07000000"
                + "ffffffffffffffff");
    assertThat(plan).hasToString("SYMLINK a bc\nRLIMIT 7 0xffffffffffffffff\n");
  }
}
