package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.user.ProcessUser;
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
    ProcessUser joe = new ProcessUser(7, 8, List.of(8, 9), "/home/joe");
    assertThat(again.execPlan(exec, joe, true).encodeChild())
        .isEqualTo(template.execPlan(exec, joe, true).encodeChild());
    assertThat(again.olderExecPlan(exec)).isEqualTo(template.olderExecPlan(exec));
    assertThat(template.execPlan(exec, joe, true).toString())
        .containsSubsequence(
            "JOIN_TASK\n  setns r3 536870954\n",
            "SYNC\n",
            "KEYRING\n  keyctl",
            "NO_NEW_PRIVS\n",
            "CWD\n  chdir /w\n",
            "CAPS\n  prctl PR_CAPBSET_DROP 1, may EINVAL\n  prctl PR_CAPBSET_DROP 3,",
            "USER\n  setgroups 2 [8, 9]\n  setresgid 8 8 8\n  setresuid 7 7 7\n",
            "  capset v3 0x0\n",
            "SECCOMP\n  seccomp <2 bytes> 0\n",
            "GO_ON\n  prctl PR_SET_DUMPABLE 0\n  go_on 0\n",
            "EXEC\n",
            "[A=1, B=2, C=3, TERM=xterm, HOME=/home/joe]");
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
    assertThat(template.userOf(exec)).isEqualTo("joe:users");
    assertThat(template.execPlan(exec, ProcessUser.ROOT, true).toString())
        .contains("  capset v3 0x" + all + "\n")
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
    assertThat(again.olderExecPlan(exec)).isEqualTo(template.olderExecPlan(exec));
    assertThat(template.execPlan(exec, ProcessUser.ROOT, true).toString())
        .containsSubsequence(
            "APPARMOR\n",
            " \"exec mine\" 9\n",
            "ATTRIBUTE\n",
            "self/attr/exec",
            " u:r:t:s0:c1,c2 14\n",
            "STREAMS\n",
            "NO_NEW_PRIVS\n");
  }
}
