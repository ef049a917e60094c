package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.core.build.BuildSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller needs logins for. */
class PullNeedsTest {
  @TempDir Path folder;
  private final FakeEngine engine = new FakeEngine();
  private Project project;
  private PullNeeds needs;

  @BeforeEach
  void load() throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        services:
          web: {image: web.test/web, depends_on: [db, cache]}
          db: {image: db.test/db}
          cache: {image: cache.test/cache, pull_policy: always}
          never: {image: never.test/never, pull_policy: never}
        """);
    project = new ProjectLoader().load(LoadRequest.of(folder, Map.of()));
    needs = new PullNeeds(new FakeImages(engine), new FakeContainers(engine));
    engine.image("db.test/db");
    engine.image("cache.test/cache");
  }

  @Test
  void buildsAreNeededWhereTheirImagesAreMissing() throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        services:
          a: {image: a.test/a, build: a}
          b: {image: db.test/db, build: b}
          c: {image: c.test/c}
        """);
    Project builds = new ProjectLoader().load(LoadRequest.of(folder, Map.of()));
    assertThat(needs.builds(builds, List.of(), false, "", BuildMode.MISSING))
        .extracting(BuildSpec::name)
        .containsExactly("a");
    assertThat(needs.builds(builds, List.of(), false, "", BuildMode.ALL))
        .extracting(BuildSpec::name)
        .containsExactly("a", "b");
    assertThat(needs.builds(builds, List.of(), false, "", BuildMode.NEVER)).isEmpty();
    assertThat(needs.of(builds, List.of(), false, "", BuildMode.ALL)).containsExactly("c.test/c");
  }

  @Test
  void onlyWhatIsPulledIsNeeded() {
    assertThat(needs.of(project, List.of("web"), false, "", BuildMode.MISSING))
        .containsExactlyInAnyOrder("web.test/web", "cache.test/cache");
    assertThat(needs.of(project, List.of("web"), true, "", BuildMode.MISSING))
        .containsExactly("web.test/web");
    assertThat(needs.of(project, List.of("db"), false, "", BuildMode.MISSING)).isEmpty();
    assertThat(needs.of(project, List.of("db"), false, "always", BuildMode.MISSING))
        .containsExactly("db.test/db");
    assertThat(needs.of(project, List.of(), false, "never", BuildMode.MISSING)).isEmpty();
    assertThat(engine.calls).noneMatch(call -> call.startsWith("pull"));
  }
}
