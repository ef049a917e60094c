package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OciRuntimeTest {
  private static final Path SHELL = Path.of("/bin/sh");

  @Test
  void runsNoProgramThatOnlyAComposeFileNames() {
    assertThatThrownBy(() -> OciRuntime.find("/bin/sh", Map.of()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("\"runtimes\": {\"NAME\": {\"path\": \"/bin/sh\"}}");
    assertThatThrownBy(() -> OciRuntime.find("../../bin/sh", Map.of()))
        .hasMessageContaining("unknown or invalid runtime name: ../../bin/sh");
  }

  @Test
  void findsThoseOfTheSettingsByNameOrPath() {
    OciRuntime setting = new OciRuntime(SHELL, List.of("-v"));

    assertThat(OciRuntime.find("mine", Map.of("mine", setting))).isEqualTo(setting);
    assertThat(OciRuntime.find("/bin/sh", Map.of("mine", setting))).isEqualTo(setting);
  }
}
