package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppArmorTest {
  @TempDir private Path sys;

  private AppArmor with(String enabled, String profiles) throws IOException {
    Path module = Files.createDirectories(sys.resolve("module/apparmor/parameters"));
    Path security = Files.createDirectories(sys.resolve("kernel/security/apparmor"));
    Files.writeString(module.resolve("enabled"), enabled);
    Files.writeString(security.resolve("profiles"), profiles);
    return AppArmor.of(sys);
  }

  @Test
  void choosesTheProfileAsDockerDoes() throws IOException {
    AppArmor machine =
        with("Y\n", "jcompose-default (enforce)\nmine (complain)\nmine2 (enforce)\n");
    assertThat(machine.profile("", false)).isEqualTo("jcompose-default");
    assertThat(machine.profile("", true)).isEmpty();
    assertThat(machine.profile("mine", true)).isEqualTo("mine");
    assertThat(machine.profile("unconfined", false)).isEmpty();
    assertThatThrownBy(() -> machine.profile("min", false))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("apparmor=min")
        .hasMessageContaining("no such profile");
    assertThat(machine.warning("", false)).isEmpty();
  }

  @Test
  void saysWhenThereIsNoConfinement() throws IOException {
    AppArmor machine = with("N\n", "");
    assertThat(machine.profile("mine", false)).isEmpty();
    assertThat(machine.warning("mine", false)).contains("has no AppArmor");
    assertThat(machine.warning("unconfined", false)).isEmpty();
    assertThat(machine.warning("", false)).isEmpty();
    assertThat(AppArmor.of(sys.resolve("none")).warning("mine", false)).contains("no AppArmor");
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
    Plan plan = new Plan();
    template.addProcess(plan, "/", "");
    assertThat(plan.toString())
        .startsWith("APPARMOR mine\nATTRIBUTE exec u:r:t:s0:c1,c2\nNO_NEW_PRIVS\n");
  }
}
