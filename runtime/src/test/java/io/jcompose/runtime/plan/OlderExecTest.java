package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Byte by byte, as shims that run for years may have it: version 1 of plans. */
class OlderExecTest {
  private static String hex(byte[] plan) {
    return HexFormat.of().formatHex(plan);
  }

  @Test
  void isInVersionOne() {
    byte[] plan =
        new OlderExec()
            .oomScore(-5)
            .limit(new ResourceLimit(7, 1, 2, true))
            .joinTask(3)
            .sync()
            .exec(List.of("a"), List.of());
    assertThat(hex(plan))
        .isEqualTo(
            ("4a435031" + "01000000")
                + ("23000000" + "07000000" + "03000000" + "2d3500")
                + ("20000000" + "18000000" + "07000000" + "0100000000000000")
                + ("0200000000000000" + "01000000")
                + ("2e000000" + "04000000" + "03000000")
                + ("2c000000" + "00000000")
                + ("28000000" + "12000000" + "00000000" + "01000000" + "02000000" + "6100")
                + "00000000");
  }

  @Test
  void hasEachStepOfAnExec() {
    byte[] plan =
        new OlderExec()
            .raise(new ResourceLimit(7, 1, 2, false))
            .users(1, 2)
            .terminal(3, 4)
            .appArmor("p")
            .label("l")
            .noNewPrivileges()
            .seccomp(new byte[] {9})
            .cwd("/")
            .capabilities(1L << 33 | 2)
            .user("u", "g", List.of("m"))
            .exec(List.of("a"), List.of());
    assertThat(hex(plan))
        .contains(
            "0200000000000000" + "02000000" + "33000000",
            "33000000" + "0c000000" + "01000000" + "02000000" + "00000000",
            "22000000" + "0c000000" + "00000000" + "03000000" + "04000000",
            "34000000" + "06000000" + "02000000" + "7000",
            "35000000" + "0f000000" + "05000000" + "6578656300" + "02000000" + "6c00",
            "24000000" + "00000000" + "25000000" + "05000000" + "01000000" + "09",
            "21000000" + "06000000" + "02000000" + "2f00",
            "26000000" + "08000000" + "0200000002000000",
            "27000000" + "16000000" + "02000000" + "7500" + "02000000" + "6700" + "01000000");
    assertThat(OlderExec.nameOf(33)).isEqualTo("CWD");
    assertThat(OlderExec.nameOf(99)).isEqualTo("launch");
  }
}
