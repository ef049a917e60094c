package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComposeSupportTest {
  @TempDir Path dir;

  private Service service(String yaml) throws IOException {
    return project("services: {a: " + yaml + "}").service("a");
  }

  private Project project(String yaml) throws IOException {
    Files.writeString(dir.resolve("compose.yaml"), yaml);
    return new ProjectLoader()
        .load(LoadRequest.of(dir, Map.of()).withFiles(List.of("compose.yaml")));
  }

  @Test
  void refusesValuesThatCannotBeMeantOnlyWhereTheyAreUsed() throws IOException {
    Translation translation =
        Translation.of(
            project("services: {a: {image: x}, b: {image: x, ipc: hots, restart: allways}}"));
    translation.requireSupported(List.of("a"));
    assertThatThrownBy(() -> translation.requireSupported(List.of("a", "b")))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("compose.yaml:1:46: services.b.ipc: invalid IPC mode: hots")
        .hasMessageContaining("unknown policy 'allways'");
  }

  @Test
  void tellsAllThatIsInTheWayAtOnceWithItsPlace() throws IOException {
    Project project =
        project(
            """
            services:
              a: {image: x, volumes_from: [b], restart: foo}
              b: {build: ., post_start: [{command: x}], configs: [c], security_opt: ["seccomp=no.json"]}
              d: {image: x, ipc: foo, x-jcompose: {foo: 1}, secrets: [s]}
              e: {image: x, networks: [n]}
            configs: {c: {external: true}}
            secrets: {s: {environment: NOT_SET}}
            networks: {n: {driver: overlay}}
            """);
    assertThatThrownBy(() -> Translation.of(project))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .satisfies(
            thrown ->
                assertThat(String.valueOf(thrown.getMessage()).lines())
                    .satisfiesExactlyInAnyOrder(
                        told(
                            "compose.yaml:3:54: services.b.configs: unsupported external config c"),
                        told(
                            "compose.yaml:3:73: services.b.security_opt: opening seccomp profile ("),
                        told(
                            "compose.yaml:4:39: services.d.x-jcompose: unknown key foo; known are ["),
                        told(
                            "compose.yaml:4:58: services.d.secrets: environment variable \"NOT_SET\" required"),
                        told("compose.yaml:2:45: services.a.restart: invalid restart policy"),
                        told("compose.yaml:4:22: services.d.ipc: invalid IPC mode: foo"),
                        told(
                            "compose.yaml:2:31: services.a.volumes_from: not supported yet (name the volumes in each service)"),
                        told("compose.yaml:3:29: services.b.post_start: not supported yet"),
                        told(
                            "compose.yaml:8:24: networks.n.driver: not supported yet (only bridge")));
  }

  private static ThrowingConsumer<String> told(String beginning) {
    return line -> assertThat(line).startsWith(beginning);
  }

  @Test
  void tellsValuesAndAttributesOfTheChosenServicesTogether() throws IOException {
    Translation translation =
        Translation.of(
            project(
                "services: {a: {image: x, ipc: hots}, b: {image: x, post_start: [{command: x}]}}"));
    assertThatThrownBy(() -> translation.requireSupported(List.of("a", "b")))
        .hasMessageContaining("compose.yaml:1:31: services.a.ipc: invalid IPC mode: hots")
        .hasMessageContaining("compose.yaml:1:64: services.b.post_start: not supported yet");
    assertThatThrownBy(() -> translation.requireSupported(List.of("b")))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("compose.yaml:1:64: services.b.post_start: not supported yet");
  }

  @Test
  void takesBuildsAsTheyAre() throws IOException {
    for (String yaml :
        List.of("{build: .}", "{image: x, build: .}", "{build: ., pull_policy: build}")) {
      assertThat(ComposeSupport.refusals(service(yaml))).isEmpty();
      assertThat(ComposeSupport.warnings(service(yaml))).isEmpty();
    }
  }
}
