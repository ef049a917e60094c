package io.jcompose.scheduler.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.RunOptions;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What this machine cannot give is told with its place in the compose file. */
@Timeout(60)
class PreflightTest {
  private static final String FILE =
      """
      name: shop
      services:
        web:
          image: busybox
          container_name: mine
          networks: [front, default]
          pid: container:nobody
        job:
          image: busybox
          configs: [settings]
      networks:
        front:
          driver: bridge
      configs:
        settings:
          file: ./nosuch.conf
      """;

  @TempDir private Path folder;
  private ProjectsFixture host;

  @BeforeEach
  void open() {
    host = new ProjectsFixture(folder.resolve("state"));
  }

  @AfterEach
  void close() {
    host.close();
  }

  private Project project() throws IOException {
    Path file = folder.resolve("compose.yaml");
    Files.writeString(file, FILE);
    return new ProjectLoader().load(LoadRequest.of(folder, Map.of()));
  }

  @Test
  void theEngineProblemsHaveTheirPlaces() throws IOException {
    Project project = project();
    host.engine.impossible.addAll(List.of("web", "job", "shop_front", "shop_default"));
    assertThatThrownBy(() -> host.open().up(project, UpOptions.DEFAULT, Progress.NONE))
        .isInstanceOf(JcomposeException.class)
        .message()
        .satisfies(
            text ->
                assertThat(text.replace(folder + "/", "").lines())
                    .containsExactlyInAnyOrder(
                        "compose.yaml:13:5: network shop_front: Pool overlaps",
                        "network shop_default: Pool overlaps",
                        "compose.yaml:4:5: service web: impossible",
                        "compose.yaml:7:10: service web: No such container: nobody, whose"
                            + " namespace it is to share (container:nobody); service:NAME names"
                            + " one of this file",
                        "compose.yaml:9:5: service job: impossible"));
    assertThat(host.engine.calls).isEmpty();
  }

  @Test
  void whatTheOptionsOfARunAskForHasNoPlaceInAFile() throws IOException {
    Project project = project();
    RunOptions plain = RunOptions.of("web", List.of("true"));
    RunOptions asNobody = plain.withUser("nobody").withNoDeps(true);
    host.engine.impossible.add("user nobody");
    assertThatThrownBy(() -> host.open().run(project, asNobody, Progress.NONE))
        .hasMessage("run: impossible");
    host.engine.impossible.add("web");
    assertThatThrownBy(() -> host.projects().run(project, plain, Progress.NONE))
        .hasMessageContaining("compose.yaml:4:5: service web: impossible");
  }

  @Test
  void aMissingFileIsWhereItIsNamed() throws IOException {
    Project project = project();
    host.engine.impossible.add("job");
    host.engine.complaint = "config settings: the file /nosuch.conf does not exist";
    assertThatThrownBy(() -> host.open().up(project, UpOptions.DEFAULT, Progress.NONE))
        .hasMessageContaining("compose.yaml:16:11: service job: config settings: the file");
  }

  @Test
  void nothingIsPulledForWhatTheSpecificationRulesOut() throws IOException {
    Path file = folder.resolve("compose.yaml");
    Files.writeString(
        file, "name: shop\nservices:\n  web: {image: 'far:1'}\n  job: {image: 'far:2'}\n");
    Project project = new ProjectLoader().load(LoadRequest.of(folder, Map.of()));
    host.engine.impossible.add("job");
    assertThatThrownBy(() -> host.open().up(project, UpOptions.DEFAULT, Progress.NONE))
        .hasMessageEndingWith("compose.yaml:4:8: service job: impossible");
    assertThatThrownBy(
            () -> host.open().run(project, RunOptions.of("job", List.of()), Progress.NONE))
        .hasMessageEndingWith("compose.yaml:4:8: service job: impossible");
    assertThat(host.engine.calls).isEmpty();
    host.engine.impossible.clear();
    host.open().up(project, UpOptions.DEFAULT, Progress.NONE);
    host.engine.impossible.add("job");
    host.engine.calls.clear();
    UpOptions pulling = UpOptions.DEFAULT.with().pull("always").build();
    host.open().up(project, pulling, Progress.NONE); // it is there, and may stay so
    assertThat(host.engine.calls).contains("pull far:1", "pull far:2");
  }

  @Test
  void aDryRunTellsThePlacesToo() throws IOException {
    Project project = project();
    host.engine.impossible.add("job");
    assertThatThrownBy(() -> host.open().dryUp(project, UpOptions.DEFAULT, Progress.NONE))
        .hasMessageEndingWith("compose.yaml:9:5: service job: impossible");
  }
}
