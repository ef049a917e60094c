package io.jcompose.engine;

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
    return RuntimeSettings.load(Files.writeString(folder.resolve("engine.json"), json));
  }

  @Test
  void readsDockersForm() throws IOException {
    assertThat(load("{\"runtimes\": {\"x\": {\"path\": \"/bin/y\", \"runtimeArgs\": [\"-v\"]}}}"))
        .isEqualTo(Map.of("x", new OciRuntime(Path.of("/bin/y"), List.of("-v"))));
    assertThat(load("{}")).isEmpty();
    assertThat(RuntimeSettings.load(folder.resolve("missing"))).isEmpty();
  }

  @Test
  void refusesARuntimeWithoutAPath() {
    assertThatThrownBy(() -> load("{\"runtimes\": {\"x\": {\"runtimeType\": \"y\"}}}"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("runtimes.x.path");
  }

  @Test
  void givesLabelsOnlyWhenAsked() throws IOException {
    Path file = folder.resolve("engine.json");
    assertThat(RuntimeSettings.selinux(folder.resolve("missing"))).isFalse();
    assertThat(RuntimeSettings.selinux(Files.writeString(file, "{}"))).isFalse();
    assertThat(RuntimeSettings.selinux(Files.writeString(file, "{\"selinux-enabled\": true}")))
        .isTrue();
    Files.writeString(file, "{\"selinux-enabled\": \"yes\"}");
    assertThatThrownBy(() -> RuntimeSettings.selinux(file))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("selinux-enabled: give true or false, not \"yes\"");
  }

  @Test
  void forwardsForNeighboursOnlyWhenAsked() throws IOException {
    Path file = folder.resolve("engine.json");
    assertThat(RuntimeSettings.forwardsForOthers(folder.resolve("missing"))).isFalse();
    Files.writeString(file, "{\"ip-forward-no-drop\": true}");
    assertThat(RuntimeSettings.forwardsForOthers(file)).isTrue();
    Files.writeString(file, "{\"ip-forward-no-drop\": 1}");
    assertThatThrownBy(() -> RuntimeSettings.forwardsForOthers(file))
        .hasMessageContaining("ip-forward-no-drop: give true or false, not 1");
  }
}
