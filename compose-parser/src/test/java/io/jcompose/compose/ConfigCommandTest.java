package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code config} prints for its flags; Docker Compose 2.40.3 prints the same where it can. */
class ConfigCommandTest {
  @TempDir Path dir;

  @BeforeEach
  void write() throws IOException {
    write(
        "compose.yaml",
        """
        name: t
        services:
          web: {image: "nginx:${TAG:-1}", profiles: [p], depends_on: [db], networks: [n1], volumes: ["v1:/a"]}
          db: {image: busybox, volumes: ["v2:/a"], networks: [n2], command: "${REQ:?need it}"}
          b: {build: ., environment: {A: "${ALT:+alt}", B: "${PLAIN}", C: "${X:-${Y:-z}}"}}
        networks: {n1: {}, n2: {}, n3: {}}
        volumes: {v1: {}, v2: {}, v3: {}}
        models: {m: {model: ai/x}}
        """);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(dir.resolve(file), text);
  }

  private ConfigAnswer answer(Map<String, String> values, List<String> services, String... flags) {
    LoadRequest base = LoadRequest.of(dir, Map.of("REQ", "run", "HOME", "/home/user"));
    LoadRequest load = LoadRequest.of(dir, base.environment()).withServices(services);
    return new ConfigCommand(new ProjectLoader(), image -> image + "@sha256:0")
        .answer(new ConfigQuery(load, Set.of(flags), values));
  }

  private String text(String... flags) {
    return answer(Map.of(), List.of(), flags).text();
  }

  @Test
  void listsNames() {
    assertThat(text("services")).isEqualTo("b\ndb\n");
    assertThat(text("volumes")).isEqualTo("v2\n");
    assertThat(text("networks")).isEqualTo("default\nn2\n");
    assertThat(text("profiles")).isEqualTo("p\n");
    assertThat(text("images")).isEqualTo("t-b\nbusybox\n");
    assertThat(answer(Map.of(), List.of("web"), "images").text()).isEqualTo("busybox\nnginx:1\n");
    assertThat(text("services", "no-interpolate")).isEqualTo("b\ndb\nweb\n");
    assertThat(text("models", "no-interpolate")).isEqualTo("ai/x\n");
    assertThat(text("quiet")).isEmpty();
  }

  @Test
  void refusesServicesThatAreNotThere() {
    assertThatThrownBy(() -> answer(Map.of(), List.of("nope"), "quiet"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("no such service: nope");
    assertThatThrownBy(() -> answer(Map.of("hash", "web"), List.of()))
        .hasMessage("no such service: web: disabled");
    assertThatThrownBy(() -> answer(Map.of("format", "toml"), List.of()))
        .hasMessageContaining("unsupported format \"toml\"");
  }

  @Test
  void listsVariablesWithTheirDefaults() {
    assertThat(text("variables"))
        .isEqualTo(
            """
            NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE
            ALT                 false                                   alt
            PLAIN               false                                  \s
            REQ                 true                                   \s
            TAG                 false               1                  \s
            X                   false               ${Y:-z}            \s
            Y                   false               z                  \s
            """);
    assertThat(answer(Map.of("format", "json"), List.of(), "variables").text())
        .startsWith(
            """
            {
                "ALT": {
                    "Name": "ALT",
                    "DefaultValue": "",
                    "PresenceValue": "alt",
                    "Required": false
                },
            """);
  }

  @Test
  void pinsImagesToDigests() {
    assertThat(text("lock-image-digests"))
        .isEqualTo(
            """
            services:
              db:
                image: busybox@sha256:0
            """);
    assertThat(text("resolve-image-digests")).contains("image: busybox@sha256:0\n");
  }

  @Test
  void printsWhatIsNotInterpolatedWithSortedKeys() {
    assertThat(text("no-interpolate"))
        .startsWith("models:\n")
        .contains("    image: nginx:${TAG:-1}\n", "      C: ${X:-${Y:-z}}\n")
        .containsSubsequence("name: t\n", "networks:\n", "services:\n", "volumes:\n");
  }

  @Test
  void tellsTheWarningsBesideTheText() {
    assertThat(answer(Map.of(), List.of()).warnings())
        .singleElement()
        .asString()
        .contains("The \"PLAIN\" variable is not set");
  }

  @Test
  void explainsWhereValuesComeFrom() throws IOException {
    write(".env", "# versions\nTAG=1.27\n");
    write("w.env", "\nFROM_FILE=5\n");
    write("inc.yaml", "services: {i: {image: \"x:1\"}}\n");
    write(
        "base.yaml",
        """
        services:
          b:
            image: base:1
            cpus: 1
        """);
    write(
        "compose.yaml",
        """
        include: [inc.yaml]
        services:
          web:
            extends: {file: base.yaml, service: b}
            image: app:${TAG}-${FLAVOUR:-slim}
            ports: ["80:8080"]
            env_file: [w.env]
            environment: {LOG: debug, REQ: }
        """);
    write("compose.override.yaml", "services: {web: {environment: {LOG: info}}}\n");
    String text = answer(Map.of("explain", "."), List.of()).text().replace(dir + "/", "");
    assertThat(text.lines())
        .contains(
            "compose.yaml:5:12: services.web.image: app:1.27-slim (written as"
                + " \"app:${TAG}-${FLAVOUR:-slim}\"; FLAVOUR is not set; TAG=1.27 from .env:2:1;"
                + " replaces base:1 of base.yaml:3:12)",
            "base.yaml:4:11: services.web.cpus: 1 (extends b of base.yaml at compose.yaml:4:14)",
            "compose.yaml:6:13: services.web.ports[0].target: 8080 (written as \"80:8080\")",
            "w.env:2:1: services.web.environment.FROM_FILE: 5",
            "compose.override.yaml:1:37: services.web.environment.LOG: info (replaces debug of"
                + " compose.yaml:8:24)",
            "default: services.web.networks.default: null",
            "inc.yaml:1:23: services.i.image: x:1 (included at compose.yaml:1:11)")
        .anyMatch(line -> line.contains("environment.REQ: run (its value from the environment)"));
    assertThat(answer(Map.of("explain", "web.ports[0].published"), List.of()).text())
        .endsWith("services.web.ports[0].published: 80 (written as \"80:8080\")\n");
    assertThatThrownBy(() -> answer(Map.of("explain", "web.imag"), List.of()))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("did you mean \"services.web.image\"?");
  }
}
