package io.jcompose.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
