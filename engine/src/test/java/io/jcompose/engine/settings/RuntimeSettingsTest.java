package io.jcompose.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.OciRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeSettingsTest {
  @TempDir Path folder;

  private Map<String, OciRuntime> load(String json) throws IOException {
    return RuntimeSettings.runtimes(settings(json));
  }

  private SettingsFile settings(String json) throws IOException {
    return SettingsFile.load(Files.writeString(folder.resolve("engine.json"), json));
  }

  @Test
  void readsDockersForm() throws IOException {
    assertThat(load("{\"runtimes\": {\"x\": {\"path\": \"/bin/y\", \"runtimeArgs\": [\"-v\"]}}}"))
        .isEqualTo(Map.of("x", new OciRuntime(Path.of("/bin/y"), List.of("-v"))));
    assertThat(load("{}")).isEmpty();
    assertThat(RuntimeSettings.runtimes(SettingsFile.load(folder.resolve("missing")))).isEmpty();
  }

  @Test
  void refusesARuntimeWithoutAPath() {
    assertThatThrownBy(() -> load("{\"runtimes\": {\"x\": {\"runtimeType\": \"y\"}}}"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("runtimes.x.path");
  }

  @Test
  void givesLabelsOnlyWhenAsked() throws IOException {
    assertThat(RuntimeSettings.selinux(SettingsFile.load(folder.resolve("missing")))).isFalse();
    assertThat(RuntimeSettings.selinux(settings("{}"))).isFalse();
    assertThat(RuntimeSettings.selinux(settings("{\"selinux-enabled\": true}"))).isTrue();
    SettingsFile wrong = settings("{\"selinux-enabled\": \"yes\"}");
    assertThatThrownBy(() -> RuntimeSettings.selinux(wrong))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("selinux-enabled: give true or false, not \"yes\"");
  }
}
