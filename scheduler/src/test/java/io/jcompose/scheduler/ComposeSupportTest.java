package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Project;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.Service;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
  void warnsOnceThatAnImageIsPulledInsteadOfBuilt() throws IOException {
    Service both = service("{image: x, build: .}");
    assertThat(ComposeSupport.warnings(both))
        .containsExactly("a.build (images are not built yet: the image is pulled as it is)");
    assertThat(ComposeSupport.refusals(both)).isEmpty();
  }

  @Test
  void refusesABuildWithoutAnImageToPull() throws IOException {
    assertThat(ComposeSupport.refusals(service("{build: .}")))
        .containsExactly("a.build (there are no builds yet: name an image that exists)");
    assertThat(ComposeSupport.refusals(service("{image: x, build: ., pull_policy: build}")))
        .containsExactly("a.pull_policy (build: there are no builds yet)");
  }
}
