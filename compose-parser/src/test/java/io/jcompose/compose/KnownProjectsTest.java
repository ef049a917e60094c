package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.model.Project;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project is loaded anew when anything changed that was looked at for it, and only then. */
class KnownProjectsTest {
  private static final InstantSource LATER =
      InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));
  private static final String TEXT = "services: {web: {image: a, environment: [TOLD]}}";

  @TempDir Path folder;
  private final List<String> read = new ArrayList<>();
  private final ProjectLoader loader = loader(LATER, 1 << 20);

  private ProjectLoader loader(InstantSource clock, int mostBytes) {
    SourceFiles counting =
        (file, maxBytes) -> {
          read.add(file.getFileName().toString());
          return SourceFiles.PLAIN.read(file, maxBytes);
        };
    return new ProjectLoader(counting, new KnownProjects(mostBytes), clock);
  }

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), TEXT);
  }

  private Project load(Map<String, String> environment) {
    return loader.load(LoadRequest.of(folder, environment));
  }

  private static String image(Project project) {
    return project.services().get("web").source().image();
  }

  @Test
  void isLoadedOnceWhileNothingChanges() {
    List<Integer> values = new ArrayList<>();
    Project first = loader.load(LoadRequest.of(folder, Map.of()), values::add);
    Project again = loader.load(LoadRequest.of(folder, Map.of()), values::add);
    assertThat(again).isSameAs(first);
    assertThat(read).containsExactly("compose.yaml");
    assertThat(values).hasSize(2).doesNotContain(0);
    assertThat(values.get(1)).isEqualTo(values.get(0)); // whoever bounds its size hears it again
  }

  @Test
  void aChangeOfTheSameSizeAndTimeIsSeen() throws IOException {
    Path file = folder.resolve("compose.yaml");
    FileTime time = Files.getLastModifiedTime(file);
    load(Map.of());
    Files.writeString(file, TEXT.replace("image: a", "image: b"));
    Files.setLastModifiedTime(file, time);
    assertThat(image(load(Map.of()))).isEqualTo("b");
  }

  @Test
  void aFileInAnothersPlaceIsSeen() throws IOException {
    Path link = folder.resolve("linked.yaml");
    Path other = Files.writeString(folder.resolve("b.yaml"), TEXT.replace("image: a", "image: b"));
    Files.createSymbolicLink(link, folder.resolve("compose.yaml"));
    LoadRequest request =
        LoadRequest.of(folder, Map.of()).with().files(List.of("linked.yaml")).build();
    assertThat(image(loader.load(request))).isEqualTo("a");
    Files.delete(link);
    Files.createSymbolicLink(link, other);
    assertThat(image(loader.load(request))).isEqualTo("b");
  }

  @Test
  void aFileThatWasNotThereIsSeen() throws IOException {
    load(Map.of());
    Files.writeString(folder.resolve("compose.override.yaml"), "services: {web: {image: c}}");
    assertThat(image(load(Map.of()))).isEqualTo("c");
    Files.writeString(folder.resolve(".env"), "TOLD=so\n");
    assertThat(load(Map.of()).services().get("web").process().environment())
        .containsEntry("TOLD", "so");
    Files.delete(folder.resolve("compose.override.yaml"));
    assertThat(image(load(Map.of()))).isEqualTo("a");
    Files.delete(folder.resolve("compose.yaml"));
    assertThatThrownBy(() -> load(Map.of())).isInstanceOf(JcomposeException.NotFound.class);
  }

  @Test
  void anotherEnvironmentIsAnotherProject() {
    assertThat(load(Map.of("TOLD", "1"))).isNotEqualTo(load(Map.of("TOLD", "2")));
    assertThat(load(Map.of("TOLD", "1")).services().get("web").process().environment())
        .containsEntry("TOLD", "1");
  }

  @Test
  void whatWasJustWrittenMayChangeWithoutANewTime() {
    ProjectLoader now = loader(() -> Instant.now(), 1 << 20);
    Project first = now.load(LoadRequest.of(folder, Map.of()));
    assertThat(now.load(LoadRequest.of(folder, Map.of()))).isNotSameAs(first);
  }

  @Test
  void whatChangesWithoutThisKernelIsReadAgain() throws IOException {
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {web: {image: a, env_file: [{path: /proc/self/nothing, required: false}]}}");
    Project first = load(Map.of());
    assertThat(load(Map.of())).isNotSameAs(first);
  }

  @Test
  void theLastOnesAreKept() throws IOException {
    ProjectLoader small = loader(LATER, 60 << 10);
    LoadRequest request = LoadRequest.of(folder, Map.of());
    Project first = small.load(request);
    assertThat(small.load(request)).isSameAs(first);
    for (int i = 0; i < 20; i++) {
      small.load(request.with().projectName("p" + i).build());
    }
    assertThat(small.load(request)).isNotSameAs(first);
    Files.writeString(
        folder.resolve("compose.yaml"), TEXT.replace("[TOLD]", "[" + "A, ".repeat(99) + "B]"));
    Project large = small.load(request);
    assertThat(small.load(request)).isNotSameAs(large);
    String text = TEXT + "\nconfigs: {c: {content: " + "x".repeat(20_000) + "}}";
    Files.writeString(folder.resolve("compose.yaml"), text); // few values, and much in them
    Project lengthy = small.load(request);
    assertThat(small.load(request)).isNotSameAs(lengthy);
  }
}
