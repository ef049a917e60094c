package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TaskPlanTest {
  @Test
  void encodesLittleEndianWithLengths() {
    TaskPlan plan = new TaskPlan().add(new Step.Symlink("a", "bc")).add(new Step.Caps(-1));
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
                + "26000000"
                + "08000000"
                + "ffffffffffffffff");
    assertThat(plan).hasToString("SYMLINK a bc\nCAPS 0xffffffffffffffff\n");
  }
}
