package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jcompose.compose.model.Project;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client read makes the same project where its files are not. */
class HandedSourcesTest {
  @TempDir Path dir;
  private Path work;

  @BeforeEach
  void makeFolder() throws IOException {
    work = Files.createDirectory(dir.resolve("work"));
  }

  @Test
  void theSameProjectWithoutItsFiles() throws Exception {
    write(
        "compose.yaml",
        """
        include: [other/compose.yaml]
        services:
          web:
            extends: {file: base.yaml, service: base}
            image: "web:${TAG}"
            env_file: [web.env, {path: none.env, required: false}]
            label_file: labels
            volumes: [./html:/html]
            cpu_count: 2
        """);
    write("compose.override.yaml", "services: {web: {environment: {B: '${MISSING}'}}}");
    write(".env", "TAG=7");
    write("base.yaml", "services: {base: {image: x, command: [a]}}");
    write("web.env", "A=1");
    write("labels", "l=1");
    write("other/compose.yaml", "services: {db: {image: 'db:${TAG}', env_file: [e]}}");
    write("other/.env", "TAG=8");
    write("other/e", "C=3");
    Project here = assertSameElsewhere(LoadRequest.of(work, Map.of("HOME", "/root")));
    assertThat(here.service("db").source().image()).isEqualTo("db:7");
    assertThat(here.warnings()).isNotEmpty();
  }

  @Test
  void theSameErrorsInTheSamePlaces() throws Exception {
    write(
        "compose.yaml",
        "services:\n  web: {image: x, env_file: [no.env], imagee: y}\n  b: {image: [1]}\n");
    assertSameErrorElsewhere(LoadRequest.of(work, Map.of()));
    write("compose.yaml", "include: [none.yaml]\nservices: {web: {image: x, env_file: dir}}\n");
    Files.createDirectory(work.resolve("dir"));
    assertSameErrorElsewhere(LoadRequest.of(work, Map.of()));
    FileTrees.delete(work.resolve("compose.yaml"));
    assertSameErrorElsewhere(LoadRequest.of(work, Map.of()));
  }

  @Test
  void nothingIsReadOfThisHost() throws Exception {
    write("compose.yaml", "services: {web: {image: x}}");
    LoadRequest request =
        LoadRequest.of(work, Map.of()).withHanded(new HandedSources(Map.of(), Map.of(), true));
    assertThat(catchThrowable(() -> new ProjectLoader().load(request)))
        .isInstanceOf(JcomposeException.NotFound.class);
    LoadRequest fetching = request.withFiles(List.of("https://example.org/shop.git"));
    assertThat(catchThrowable(() -> new ProjectLoader().load(fetching)))
        .hasMessageContaining("it was not handed over");
  }

  @Test
  void whatTheClientFetchedIsNotFetchedAgain() throws Exception {
    Path repository = Files.createDirectory(dir.resolve("shop.git"));
    write(repository, "compose.yaml", "services: {a: {image: one, volumes: [./data:/d]}}");
    write(repository, ".env", "X=1");
    git(repository, "init", "--quiet", "--initial-branch=main");
    git(repository, "add", ".");
    git(repository, "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "m");
    RecordedSources seen = new RecordedSources();
    LoadRequest request =
        LoadRequest.of(work, Map.of("HOME", dir.toString()))
            .withFiles(List.of("file://" + repository));
    Project here = new ProjectLoader(Artifacts.NONE, "file", seen).load(request);
    FileTrees.delete(repository);
    FileTrees.delete(dir.resolve(".cache"));
    Project there =
        new ProjectLoader(Artifacts.NONE, "file", SourceFiles.PLAIN)
            .load(request.withHanded(seen.handed(Map.of())));
    assertThat(there.services()).isEqualTo(here.services());
    assertThat(there.name()).isEqualTo("shop");
    assertThat(dir.resolve(".cache")).doesNotExist();
  }

  private Project assertSameElsewhere(LoadRequest request) throws IOException {
    RecordedSources seen = new RecordedSources();
    Project here = new ProjectLoader(Artifacts.NONE, seen).load(request);
    FileTrees.delete(work);
    Project there = new ProjectLoader().load(request.withHanded(seen.handed(Map.of())));
    assertThat(there.services()).isEqualTo(here.services());
    assertThat(there.files()).isEqualTo(here.files());
    assertThat(there.environment()).isEqualTo(here.environment());
    assertThat(there.warnings()).isEqualTo(here.warnings());
    assertThat(there.configHash("web")).isEqualTo(here.configHash("web"));
    return here;
  }

  private void assertSameErrorElsewhere(LoadRequest request) throws IOException {
    RecordedSources seen = new RecordedSources();
    Throwable here = catchThrowable(() -> new ProjectLoader(Artifacts.NONE, seen).load(request));
    assertThat(here).isInstanceOf(JcomposeException.class);
    Path away = dir.resolve("away");
    Files.move(work, away);
    assertThat(
            catchThrowable(
                () -> new ProjectLoader().load(request.withHanded(seen.handed(Map.of())))))
        .isInstanceOf(here.getClass())
        .hasMessage(here.getMessage());
    Files.move(away, work);
  }

  private void write(String name, String text) throws IOException {
    write(work, name, text);
  }

  private static void write(Path folder, String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void git(Path folder, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    Process git =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(git.getInputStream().readAllBytes());
    assertThat(git.waitFor()).as(output).isZero();
  }
}
