package io.jcompose.scheduler.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Translation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What would be done is told, and nothing is. */
@Timeout(60)
class DryRunTest {
  private final ProjectsFixture host;

  DryRunTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
  }

  @AfterEach
  void close() {
    host.close();
  }

  private List<String> dry(Sketch sketch, UpOptions options) {
    host.engine.calls.clear();
    Translation translation = sketch.translation();
    Set<String> all = translation.desired().services().keySet();
    List<String> lines =
        new DryRun(host.engine.ports()).up(translation, all, options, host.progress);
    assertThat(host.engine.calls).isEmpty();
    return lines;
  }

  @Test
  void tellsEachStepWithItsCause() {
    Sketch first = new Sketch().service("a", "1", 1, "", "no");
    assertThat(dry(first, UpOptions.DEFAULT))
        .containsExactly(
            "create network shop_default (it does not exist)",
            "create volume shop_data (it does not exist)",
            "create container shop-a-1 (it does not exist)",
            "start container shop-a-1 (it was created)");
    ProjectsFixture.up(host.open(), first.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(dry(first, UpOptions.DEFAULT)).isEmpty();
    Sketch second = new Sketch().service("a", "2", 1, "", "no");
    assertThat(dry(second, UpOptions.DEFAULT))
        .containsExactly(
            "recreate container shop-a-1 (configuration changed)",
            "start container shop-a-1 (it was recreated)");
    assertThat(dry(first, UpOptions.DEFAULT.with().scale(Map.of("a", 0)).build()))
        .containsExactly(
            "stop container shop-a-1 (scaled down)", "remove container shop-a-1 (scaled down)");
  }

  @Test
  void tellsWhichImagesAreNotThere() {
    host.engine.images.clear();
    assertThat(dry(new Sketch().service("a", "1", 1, "", "no"), UpOptions.DEFAULT))
        .startsWith("pull image busybox (it is not there)");
  }
}
