package io.jcompose.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.ProcessSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineDefaultsTest {
  @TempDir Path folder;

  private EngineDefaults defaults(String json) throws IOException {
    return EngineDefaults.of(
        SettingsFile.load(Files.writeString(folder.resolve("engine.json"), json)));
  }

  private static ContainerSpec spec(Logging logging) {
    ContainerSpec base = ContainerSpec.of("a", "image");
    return base.withLogging(logging);
  }

  @Test
  void withoutSettingsAllIsAsItWas() throws IOException {
    ContainerSpec plain = spec(new Logging("", Map.of()));
    assertThat(defaults("{}").over(plain)).isEqualTo(spec(Logging.DEFAULT));
    assertThat(defaults("{}")).isEqualTo(EngineDefaults.NONE);
  }

  @Test
  void fillsInWhatAContainerLeavesOpenAndNothingElse() throws IOException {
    EngineDefaults defaults =
        defaults(
            """
            {"dns": ["10.0.0.2"], "dns-opts": ["ndots:2"], "dns-search": ["lan"],
             "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 64000, "Soft": 32000}},
             "default-shm-size": "128M", "default-runtime": "other", "init": true,
             "no-new-privileges": true}""");
    ContainerSpec filled = defaults.over(ContainerSpec.of("a", "image"));
    assertThat(filled.networking().dns()).containsExactly("10.0.0.2");
    assertThat(filled.networking().dnsOptions()).containsExactly("ndots:2");
    assertThat(filled.networking().dnsSearch()).containsExactly("lan");
    assertThat(filled.security().ulimits())
        .containsOnly(Map.entry("nofile", new Ulimit(32000, 64000)));
    assertThat(filled.resources().shmBytes()).isEqualTo(128L << 20);
    assertThat(filled.security().runtime()).isEqualTo("other");
    assertThat(filled.process().init()).isTrue();
    assertThat(filled.security().securityOpt()).containsExactly("no-new-privileges");
    assertThat(defaults.over(filled)).isEqualTo(filled);
    EngineDefaults others =
        defaults(
            """
            {"dns": ["9.9.9.9"], "default-ulimits": {"nofile": {"Hard": 1, "Soft": 1}},
             "default-shm-size": 1, "default-runtime": "third"}""");
    assertThat(others.over(filled)).isEqualTo(filled);
  }

  @Test
  void logOptionsAreForTheirOwnDriverOnly() throws IOException {
    EngineDefaults local =
        defaults(
            "{\"log-driver\": \"local\", \"log-opts\": {\"max-size\": \"1m\", \"max-file\": 2}}");
    assertThat(local.over(spec(new Logging("", Map.of()))).logging())
        .isEqualTo(new Logging("local", Map.of("max-size", "1m", "max-file", "2")));
    assertThat(local.over(spec(new Logging("local", Map.of("max-size", "9m")))).logging())
        .isEqualTo(new Logging("local", Map.of("max-size", "9m", "max-file", "2")));
    Logging own = new Logging("json-file", Map.of());
    assertThat(local.over(spec(own)).logging()).isEqualTo(own);
  }

  @Test
  void whatCannotBeMeantIsNamedWithItsKey() {
    for (Map.Entry<String, String> wrong :
        List.of(
            Map.entry("{\"log-driver\": \"fluentd\"}", "log-driver, log-opts: logging driver"),
            Map.entry("{\"log-opts\": {\"max-sise\": \"1m\"}}", "unknown log opt 'max-sise'"),
            Map.entry("{\"log-opts\": {\"max-size\": null}}", "log-opts.max-size: give a text"),
            Map.entry("{\"dns\": [1]}", "dns: each of the list must be a text"),
            Map.entry("{\"default-ulimits\": {\"nofile\": 5}}", "default-ulimits.nofile: give {"),
            Map.entry("{\"default-shm-size\": \"many\"}", "default-shm-size: invalid size"))) {
      assertThatThrownBy(() -> defaults(wrong.getKey()))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining(wrong.getValue());
    }
  }

  @Test
  void theEnginesOwnSettingsAreReadBeforeItIsOpened() throws IOException {
    Path file = folder.resolve("engine.json");
    Files.writeString(file, "{\"data-root\": \"/srv/j\", \"debug\": true, \"labels\": [\"a=b\"]}");
    ProcessSettings settings = ProcessSettings.load(file);
    assertThat(settings.dataRoot()).contains(Path.of("/srv/j"));
    assertThat(settings.logLevel()).isEqualTo("debug");
    assertThat(settings.labels()).containsExactly("a=b");
    for (String wrong : List.of("{\"data-root\": \"x\"}", "{\"log-level\": \"loud\"}")) {
      Files.writeString(file, wrong);
      assertThatThrownBy(() -> ProcessSettings.load(file))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }
}
