package io.jcompose.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.engine.ProcessSettings;
import io.jcompose.network.NetworkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsKeysTest {
  @TempDir Path folder;

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("engine.json"), json);
  }

  @Test
  void takesWhatIsCarriedOutAndWhatOnlyTunesDocker() throws IOException {
    Path file =
        file(
            "{\"registry-mirrors\": [], \"insecure-registries\": [], \"userns-remap\": \"\","
                + " \"runtimes\": {\"userns_remap\": {}}, \"selinux-enabled\": false, \"ip-forward-no-drop\": true,"
                + " \"live-restore\": true, \"features\": {\"x\": true}}");
    assertThatCode(() -> SettingsKeys.check(file)).doesNotThrowAnyException();
  }

  @Test
  void aMissingOrEmptyFileHasNoSettings() throws IOException {
    assertThatCode(() -> SettingsKeys.check(folder.resolve("none"))).doesNotThrowAnyException();
    Path empty = file("");
    assertThatCode(() -> SettingsKeys.check(empty)).doesNotThrowAnyException();
  }

  @Test
  void refusesAllSlipsAtOnceWithTheirPlaces() throws IOException {
    Path file =
        file(
            "{\n  \"userns_remap\": \"default\",\n  \"icc\": false,\n  \"bip\": \"10.1.0.1/24\",\n  \"zzz\": 1\n}");
    assertThatThrownBy(() -> SettingsKeys.check(file))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(
            """
            %1$s:2:3: userns_remap: there is no such setting; did you mean userns-remap?
            %1$s:3:3: icc: this setting of Docker's is not carried out; take it out
            %1$s:4:3: bip: this setting of Docker's is not carried out; there is no default bridge; \
            default-address-pools says what networks take: take it out
            %1$s:5:3: zzz: there is no such setting; docs/engine-json.md lists them""",
            file);
  }

  @Test
  void refusesValuesThatWouldBeReadAsNothing() throws IOException {
    Path file =
        file(
            """
            {"registry-mirrors": "http://m",
            "insecure-registries": "r:1",
            "registry-certificates": ["/c"],
            "runtimes": [],
            "selinux-enabled": "true",
            "ip-forward-no-drop": 1,
            "userns-remap": true,
            "mtu": "1400",
            "default-shm-size": []}""");
    assertThatThrownBy(() -> SettingsKeys.check(file))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(
            """
            %1$s:1:2: registry-mirrors: give a list, […]
            %1$s:2:1: insecure-registries: give a list, […]
            %1$s:3:1: registry-certificates: give a text, in double quotes
            %1$s:4:1: runtimes: give an object, {…}
            %1$s:5:1: selinux-enabled: give true or false
            %1$s:6:1: ip-forward-no-drop: give true or false
            %1$s:7:1: userns-remap: give a text, in double quotes
            %1$s:8:1: mtu: give a whole number
            %1$s:9:1: default-shm-size: give a size, such as "64m\"""",
            file);
  }

  @Test
  void namesThePlaceWhereJsonBreaks() throws IOException {
    Path file = file("{\n  \"registry-mirrors\": [],,\n}");
    assertThatThrownBy(() -> SettingsKeys.check(file))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith(file + ":2:")
        .hasMessageNotContaining("Source");
  }

  @Test
  void refusesASettingThatIsGivenTwiceAndWhatIsNoObject() throws IOException {
    Path twice = file("{\"userns-remap\": \"default\", \"userns-remap\": \"\"}");
    assertThatThrownBy(() -> SettingsKeys.check(twice))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("twice");
    for (String text : new String[] {"[]", "{\"userns-remap\"", "text"}) {
      Path file = file(text);
      assertThatThrownBy(() -> SettingsKeys.check(file))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageStartingWith(file.toString());
    }
  }

  /** The page is what people copy from: each row's example is a file that an engine starts with. */
  @Test
  void thePageOfSettingsHasEachKeyOnceAndItsExamplesAreTaken() throws IOException {
    Pattern row = Pattern.compile("^\\| `([a-z-]+)` \\|.*\\| `(\".*)` \\|[^|]*\\|$");
    List<String> explained = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", "engine-json.md"))) {
      Matcher match = row.matcher(line);
      if (match.matches()) {
        explained.add(match.group(1));
        assertThat(match.group(2)).startsWith("\"" + match.group(1) + "\"");
        Path example = file("{" + match.group(2) + "}");
        assertThatCode(() -> take(example)).as(line).doesNotThrowAnyException();
      }
    }
    assertThat(explained).containsExactlyElementsOf(SettingsKeys.CARRIED_OUT.keySet());
  }

  private static void take(Path file) {
    assertThat(ProcessSettings.load(file)).isNotNull();
    SettingsFile settings = SettingsFile.load(file);
    assertThat(EngineDefaults.of(settings)).isNotNull();
    assertThat(RuntimeSettings.runtimes(settings)).isNotNull();
    NetworkConfig plain = NetworkConfig.of(file.resolveSibling("networks"), "");
    assertThat(NetworkSettings.over(plain, settings)).isNotNull();
  }
}
