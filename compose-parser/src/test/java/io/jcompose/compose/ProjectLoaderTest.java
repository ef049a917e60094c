package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.model.Dependency;
import io.jcompose.compose.model.FileObject;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.PortConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectLoaderTest {
  @ParameterizedTest
  @CsvSource({
    "'deploy: {restart_policy: {delay: 1s}}', ALWAYS, 1",
    "'deploy: {restart_policy: {delay: 1s}}, restart: unless-stopped', UNLESS_STOPPED, 0",
    "'deploy: {restart_policy: {window: 5s}}, restart: on-failure:2', ON_FAILURE, 0",
    "'deploy: {restart_policy: {condition: none}}, restart: always', NO, 0",
  })
  void aRestartPolicyWithoutConditionLeavesThatToRestart(
      String service, RestartPolicy.Kind kind, int warnings) throws IOException {
    Files.writeString(dir.resolve("compose.yaml"), "services: {a: {image: x, " + service + "}}");
    Project project = new ProjectLoader().load(LoadRequest.of(dir, Map.of()));
    assertThat(project.service("a").lifecycle().restart().kind()).isEqualTo(kind);
    assertThat(project.warnings()).hasSize(warnings);
  }

  @ParameterizedTest
  @CsvSource({
    "'{type: bind, source: ., target: /x}', true",
    "'{type: bind, source: ., target: /x, bind: {}}', true",
    "'{type: bind, source: ., target: /x, bind: {create_host_path: false}}', false",
    "'.:/x', true"
  })
  void aMissingFolderIsMadeUnlessTheFileSaysNo(String mount, boolean made) throws IOException {
    Files.writeString(
        dir.resolve("compose.yaml"), "services: {a: {image: x, volumes: [" + mount + "]}}");
    Project project = new ProjectLoader().load(LoadRequest.of(dir, Map.of()));
    assertThat(project.service("a").storage().mounts().getFirst())
        .isInstanceOfSatisfying(
            MountConfig.Bind.class, bind -> assertThat(bind.createHostPath()).isEqualTo(made));
  }

  @TempDir Path dir;

  private Project load(String yaml, Map<String, String> environment) throws IOException {
    Files.writeString(dir.resolve("compose.yaml"), yaml);
    return new ProjectLoader()
        .load(LoadRequest.of(dir, environment).withFiles(List.of("compose.yaml")));
  }

  private String error(String yaml) throws IOException {
    try {
      load(yaml, Map.of());
    } catch (JcomposeException e) {
      return e.getMessage();
    }
    return "";
  }

  @Test
  void readsTheModel() throws IOException {
    Project project =
        load(
            """
            name: p
            services:
              web:
                image: nginx
                command: run "a b"
                ports: ["8080-8090:80", "127.0.0.1:53:53/udp"]
                environment: {A: 1, B: }
                restart: on-failure:3
                cpus: 1.5
                mem_limit: 64m
                stop_grace_period: 1m30s
                depends_on: {db: {condition: service_healthy}}
                volumes: ["./x:/x:ro", "data:/data"]
                secrets: [s]
              db: {image: pg, healthcheck: {test: true, interval: 5s}}
            volumes: {data: }
            secrets: {s: {environment: TOKEN}}
            """,
            Map.of("TOKEN", "t"));
    Service web = project.service("web");
    assertThat(web.process().command()).containsExactly("run", "a b");
    assertThat(web.process().environment()).containsEntry("A", "1");
    assertThat(web.process().unsetEnvironment()).containsExactly("B");
    assertThat(web.networking().ports())
        .containsExactly(
            new PortConfig(80, 8080, 8090, "", "tcp", "ingress", "", ""),
            new PortConfig(53, 53, 53, "127.0.0.1", "udp", "ingress", "", ""));
    assertThat(web.networking().attachments()).containsOnlyKeys("default");
    assertThat(web.resources().nanoCpus()).isEqualTo(1_500_000_000L);
    assertThat(web.resources().memoryBytes()).isEqualTo(64L << 20);
    assertThat(web.lifecycle().restart())
        .isEqualTo(new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 3));
    assertThat(web.lifecycle().stopGracePeriod()).isEqualTo(Duration.ofSeconds(90));
    assertThat(web.dependsOn())
        .containsEntry("db", new Dependency(Dependency.Condition.HEALTHY, false, true));
    assertThat(web.storage().mounts().getFirst())
        .isEqualTo(
            new MountConfig.Bind(dir.resolve("x").toString(), "/x", true, true, "", "", "", ""));
    assertThat(web.storage().secrets().getFirst().target()).isEqualTo("/run/secrets/s");
    assertThat(project.volumes().get("data").name()).isEqualTo("p_data");
    assertThat(project.networks().get("default").name()).isEqualTo("p_default");
    assertThat(project.secrets().get("s").source())
        .isEqualTo(new FileObject.Source.Variable("TOKEN", "t"));
    assertThat(project.positions().of("services.web.ports.[1]")).hasToString("compose.yaml:6:29");
    assertThat(project.networkHash("default")).hasSize(64);
  }

  @Test
  void hashesNetworksAndVolumesAsDockerComposeDoes() throws IOException {
    Project project =
        load(
            "name: zzpar\nservices: {a: {image: x, volumes: ['data:/d']}}\nvolumes: {data: }\n",
            Map.of());
    assertThat(project.networkHash("default")).startsWith("fc49d4b2");
    assertThat(project.volumeHash("data")).startsWith("1398ca83");
  }

  @Test
  void reportsAllProblemsWithPlaces() throws IOException {
    String message =
        error(
            """
            services:
              a:
                imgae: x
                ports: ["70000:80"]
                mem_limit: much
                privileged: maybe
                command: "unclosed '"
            """);
    assertThat(message.lines())
        .containsExactly(
            "compose.yaml:3:5: services.a: additional properties 'imgae' not allowed (did you mean \"image\"?)",
            "compose.yaml:4:13: services.a.ports.[0]: Invalid hostPort: 70000",
            "compose.yaml:5:16: services.a.mem_limit: invalid size: 'much'",
            "compose.yaml:6:17: services.a.privileged: invalid boolean: maybe",
            "compose.yaml:7:14: services.a.command: invalid command line string");
  }

  @Test
  void reportsUndefinedReferencesAndCycles() throws IOException {
    assertThat(
            error(
                "services: {a: {image: x, networks: [fornt], depends_on: [c]}}\nnetworks: {front: }\n"))
        .contains(
            "service \"a\" refers to undefined network fornt: invalid compose project (did you mean \"front\"?)")
        .contains("service \"a\" depends on undefined service \"c\": invalid compose project");
    assertThat(error("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}"))
        .contains("dependency cycle detected: a -> b -> a");
    assertThat(error("services: {a: {extends: b}, b: {extends: a}}"))
        .contains("Circular reference");
    assertThat(error("services: {a: {}}"))
        .contains(
            "service \"a\" has neither an image nor a build context specified: invalid compose project");
  }

  @Test
  void refusesUnknownWatchActions() throws IOException {
    assertThat(error("services: {a: {image: x, develop: {watch: [{path: ., action: rebild}]}}}\n"))
        .isEqualTo(
            "compose.yaml:1:62: services.a.develop.watch.[0].action: value must be one of 'rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec' (did you mean \"rebuild\"?)");
  }

  @Test
  void refusesDuplicateKeysWithBothLines() throws IOException {
    assertThat(error("services:\n  a:\n    image: x\n    image: y\n"))
        .isEqualTo("compose.yaml:4:5: mapping key \"image\" already defined at line 3");
  }

  @Test
  void refusesAliasBombs() throws IOException {
    StringBuilder bomb = new StringBuilder("x-a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append(
          "x-a%d: &a%d [%s*a%d]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(8), i - 1));
    }
    assertThat(error(bomb + "services: {a: {image: x}}")).contains("excessive aliasing");
    assertThat(error("services: &a {a: *a}")).contains("contains itself");
    assertThat(error("x: " + "[".repeat(5000))).contains("nested deeper");
  }

  @Test
  void interpolationErrorsNameThePath() throws IOException {
    assertThat(error("services: {a: {image: '${X:?need ${Y:-y}}'}}"))
        .isEqualTo(
            "compose.yaml:1:23: error while interpolating services.a.image: required variable X is missing a value: need y");
    assertThat(error("services: {a: {image: '${}'}}")).contains("invalid interpolation format");
  }

  @Test
  void profilesSwitchServices() throws IOException {
    Project project = load("services: {a: {image: x}, b: {image: x, profiles: [p]}}", Map.of());
    assertThat(project.services()).containsOnlyKeys("a");
    assertThat(project.disabledServices()).containsOnlyKeys("b");
    assertThat(
            load(
                    "services: {a: {image: x}, b: {image: x, profiles: [p]}}",
                    Map.of("COMPOSE_PROFILES", "p"))
                .services())
        .containsOnlyKeys("a", "b");
  }

  @Test
  void findsFilesInParentsAndNamesTheProject() throws IOException {
    Path inner = Files.createDirectories(dir.resolve("My_Proj.X/sub"));
    Files.writeString(inner.resolveSibling("compose.yml"), "services: {a: {image: 'x:${T}'}}");
    Files.writeString(inner.resolveSibling(".env"), "T=1");
    Project project = new ProjectLoader().load(LoadRequest.of(inner, Map.of()));
    assertThat(project.name()).isEqualTo("my_projx");
    assertThat(project.service("a").source().image()).isEqualTo("x:1");
    assertThatThrownBy(() -> new ProjectLoader().load(LoadRequest.of(Path.of("/proc"), Map.of())))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage(
            "no configuration file provided: not found (there is no compose.yaml in /proc or above"
                + " it; -f names another)");
  }

  @Test
  void loadsAThousandServices() throws IOException {
    StringBuilder yaml = new StringBuilder("services:\n");
    for (int i = 0; i < 1000; i++) {
      yaml.append(
          "  s%d: {image: x, depends_on: [%s], environment: {A: '$HOME'}, ports: ['80']}\n"
              .formatted(i, i == 0 ? "" : "s" + (i - 1)));
    }
    assertThat(load(yaml.toString(), Map.of("HOME", "/h")).services()).hasSize(1000);
  }
}
