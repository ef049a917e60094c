package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.Capabilities;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecTemplateTest {
  @Test
  void keepsWhatAnExecNeeds() {
    ExecTemplate template =
        new ExecTemplate(
            List.of("A=1", "B=ä"),
            "/w",
            "joe",
            List.of("audio"),
            5,
            true,
            new byte[] {1, 2},
            List.of(new ResourceLimit(7, 1, 2, true)),
            42,
            -5,
            0,
            0,
            "",
            "");
    ExecTemplate again = ExecTemplate.decode(template.encode());
    ExecSpec exec = new ExecSpec(List.of("ls"), List.of("B=2", "C=3"), "", "", true, true, false);
    assertThat(again.execRequest(exec)).isEqualTo(template.execRequest(exec));
    assertThat(template.execPlan(exec).toString())
        .contains("NO_NEW_PRIVS\nCWD /w\nCAPS 0x5\nUSER joe \"\" 1 audio\nSECCOMP <2 bytes>\n");
    assertThat(ExecTemplate.merge(List.of("A=1", "B=2"), List.of("B=3", "A")))
        .containsExactly("B=3");
  }

  /** As a start: no more than the machine has, which in another container is not all. */
  @Test
  void aPrivilegedProgramIsNotConfined() {
    ExecTemplate template =
        new ExecTemplate(
            List.of(),
            "/",
            "",
            List.of("77"),
            5,
            false,
            new byte[] {1, 2},
            List.of(),
            0,
            0,
            0,
            0,
            "mine",
            "");
    ExecSpec exec = new ExecSpec(List.of("ls"), List.of(), "joe:users", "", false, false, true);
    String all = Long.toHexString(Capabilities.resolve(List.of(), List.of(), true));
    assertThat(template.execPlan(exec).toString())
        .contains("CAPS 0x" + all + "\nUSER joe users 1 77\n")
        .doesNotContain("SECCOMP", "APPARMOR");
    assertThat(Capabilities.resolve(List.of(), List.of(), true, 0xff)).isEqualTo(0xff);
  }

  @Test
  void confinesFurtherProgramsToo() {
    ExecTemplate template =
        new ExecTemplate(
            List.of(),
            "/",
            "",
            List.of(),
            0,
            true,
            new byte[0],
            List.of(),
            0,
            0,
            1,
            2,
            "mine",
            "u:r:t:s0:c1,c2");
    ExecTemplate again = ExecTemplate.decode(template.encode());
    assertThat(again.appArmor()).isEqualTo("mine");
    assertThat(again.label()).isEqualTo("u:r:t:s0:c1,c2");
    assertThat(again.rootUser()).isEqualTo(1);
    assertThat(again.rootGroup()).isEqualTo(2);
    ExecSpec exec = new ExecSpec(List.of("ls"), List.of(), "", "", false, false, false);
    assertThat(again.execRequest(exec)).isEqualTo(template.execRequest(exec));
    TaskPlan plan = new TaskPlan();
    template.addProcess(plan, "/", "");
    assertThat(plan.toString())
        .startsWith("APPARMOR mine\nATTRIBUTE exec u:r:t:s0:c1,c2\nNO_NEW_PRIVS\n");
  }
}
