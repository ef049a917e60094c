package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  @Test
  void encodesLittleEndianWithLengths() {
    Plan plan = new Plan().add(Plan.Op.SYMLINK, "a", "bc").add(Plan.Op.RLIMIT, 7, -1L);
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
            List.of(new ExecTemplate.Limit(7, 1, 2, true)),
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
  void resolvesCapabilities() {
    assertThat(Capabilities.DEFAULT).isEqualTo(0xa80425fbL);
    long all = Capabilities.ALL;
    assertThat(Capabilities.resolve(List.of("net_admin"), List.of("CAP_CHOWN"), false, all))
        .isEqualTo(0xa80435faL);
    assertThat(Capabilities.resolve(List.of("CHOWN"), List.of("ALL"), false, all)).isEqualTo(1);
    assertThat(Capabilities.resolve(List.of("CHOWN"), List.of("CHOWN"), false, all))
        .as("what is added stays")
        .isEqualTo(Capabilities.DEFAULT);
    assertThat(Capabilities.resolve(List.of("ALL"), List.of("SYS_ADMIN"), false, all))
        .isEqualTo(0x1ffffffffffL & ~(1L << 21));
    assertThat(Capabilities.resolve(List.of(), List.of(), true, 5)).isEqualTo(5);
    assertThatThrownBy(() -> Capabilities.resolve(List.of("FLY"), List.of(), false))
        .hasMessage("invalid CapAdd: unknown capability: \"CAP_FLY\"");
    assertThatThrownBy(() -> Capabilities.resolve(List.of("SYS_TIME"), List.of(), false, 1))
        .hasMessageContaining("not available in the current environment: \"CAP_SYS_TIME\"");
  }

  @Test
  void readsExitRecords() {
    TaskExit exit =
        ExitRecord.parse(
            "version=1\n"
                + "id=x\n"
                + "pid=1\n"
                + "code=137\n"
                + "signal=9\n"
                + "oom=1\n"
                + "started=5.000000001\n"
                + "ended=6.500000000\n"
                + "oom_peak=4096\n"
                + "oom_limit=8192\n");
    assertThat(exit)
        .isEqualTo(
            new TaskExit(
                137,
                9,
                true,
                4096,
                8192,
                false,
                Instant.ofEpochSecond(5, 1),
                Instant.ofEpochSecond(6, 500_000_000)));
    assertThatThrownBy(() -> ExitRecord.parse("code=1\n"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesSysctlsWithDotsInInterfaces() {
    assertThat(RootfsPlan.pathOf("net.ipv4.ip_forward")).isEqualTo("net/ipv4/ip_forward");
    assertThat(RootfsPlan.pathOf("net/ipv4/conf/eth0.1/rp_filter"))
        .isEqualTo("net/ipv4/conf/eth0.1/rp_filter");
    assertThat(RootfsPlan.pathOf("net.ipv4.conf.eth0/1.rp_filter"))
        .isEqualTo("net/ipv4/conf/eth0.1/rp_filter");
  }

  @Test
  void findsCdiDevices(@TempDir Path etc, @TempDir Path run) throws IOException {
    Files.writeString(
        etc.resolve("v.json"),
        """
        {"cdiVersion": "0.6.0", "kind": "vendor.com/gpu",
         "containerEdits": {"env": ["COMMON=1"]},
         "devices": [
          {"name": "all", "containerEdits": {"env": ["ONE=1"],
            "deviceNodes": [{"path": "/dev/v0", "hostPath": "/dev/null", "permissions": "rw"}],
            "mounts": [{"hostPath": "/lib/v", "containerPath": "/usr/v", "options": ["ro", "rbind"]}]}},
          {"name": "hooked", "containerEdits": {"hooks": [{"hookName": "createContainer"}]}}]}\
        """);
    List<Path> directories = List.of(etc, run, etc.resolve("absent"));
    CdiDevices found = CdiDevices.find(List.of("vendor.com/gpu=all"), directories);
    assertThat(found.nodes()).containsExactly("/dev/null:/dev/v0:rw");
    assertThat(found.env()).containsExactly("COMMON=1", "ONE=1");
    assertThat(found.mounts())
        .containsExactly(new Mount.Bind(Path.of("/lib/v"), "/usr/v", true, true, "rprivate"));
    assertThat(CdiDevices.find(List.of(), directories).nodes()).isEmpty();
    assertThatThrownBy(() -> CdiDevices.find(List.of("vendor.com/gpu=hooked"), directories))
        .hasMessageContaining("needs hooks");
    Files.writeString(run.resolve("w.yaml"), "kind: other.com/x");
    assertThatThrownBy(() -> CdiDevices.find(List.of("other.com/x=1"), directories))
        .hasMessageContaining("unresolvable CDI devices other.com/x=1")
        .hasMessageContaining("w.yaml");
    assertThat(CdiDevices.isName("/dev/a=b")).isFalse();
  }

  @Test
  void keepsSysctlsInTheirPlace() {
    for (String key :
        List.of("net.//.kernel.core_pattern", "net..ipv4", "net/../kernel/x", "net.")) {
      assertThatThrownBy(() -> RootfsPlan.pathOf(key)).hasMessageContaining("invalid sysctl");
    }
  }

  @Test
  void findsThePropagationOfMounts() {
    MountTable table =
        MountTable.parse(
            List.of(
                "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
                "2 1 8:1 / /a rw shared:5 - ext4 /dev/sda1 rw",
                "3 2 8:1 / /a/b rw master:5 - ext4 /dev/sda1 rw"));
    table.checkPropagation(Path.of("/a/x"), true);
    table.checkPropagation(Path.of("/a/b/x"), false);
    assertThatThrownBy(() -> table.checkPropagation(Path.of("/a/b"), true))
        .hasMessage("path /a/b is mounted on /a/b but it is not a shared mount");
    assertThatThrownBy(() -> table.checkPropagation(Path.of("/c"), false))
        .hasMessage("path /c is mounted on / but it is not a shared or slave mount");
  }

  @Test
  void wordsFailuresAsDocker() {
    assertThat(new Failure(9, Plan.Op.EXEC.code, 13, "file /x").toException("id"))
        .isInstanceOf(JcomposeException.CommandFailed.class)
        .hasMessage("exec: \"/x\": permission denied");
    assertThat(new Failure(9, Plan.Op.SYSCTL.code, 22, "set sysctl sys/net/x").toException("id"))
        .hasMessage(
            "failed to start id: set sysctl sys/net/x: EINVAL (Invalid argument) (step 9, SYSCTL)");
    assertThat(new Failure(9, Plan.Op.SYSCTL.code, 2, "set sysctl sys/net/x").toException("id"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith("failed to set sysctl sys/net/x: this kernel has none");
  }
}
