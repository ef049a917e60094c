package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        file("{\n  \"userns_remap\": \"default\",\n  \"data-root\": \"/x\",\n  \"zzz\": 1\n}");
    assertThatThrownBy(() -> SettingsKeys.check(file))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(
            """
            %1$s:2:3: userns_remap: there is no such setting; did you mean userns-remap?
            %1$s:3:3: data-root: this setting of Docker's is not carried out; take it out
            %1$s:4:3: zzz: there is no such setting; there are registry-mirrors, \
            insecure-registries, registry-certificates, runtimes, selinux-enabled, \
            ip-forward-no-drop, userns-remap""",
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
            "userns-remap": true}""");
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
            %1$s:7:1: userns-remap: give a text, in double quotes""",
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
}
