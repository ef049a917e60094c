package io.jcompose.scheduler.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an {@code up} of a project that is there already means: conditions, waits, scaling. */
@Timeout(60)
class SecondUpTest {
  private static final String JOB = "init:service_completed_successfully:false";

  private final ProjectsFixture host;
  private final FakeEngine engine;

  SecondUpTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static Sketch job() {
    return new Sketch().service("init", "1", 1, "", "no").service("web", "1", 1, JOB, "no");
  }

  private void up(Sketch sketch, UpOptions options) {
    ProjectsFixture.up(host.projects(), sketch.translation(), options, host.progress);
  }

  @Test
  void aJobThatFailsAgainFailsTheUpAlsoWhereItsDependentRuns() {
    host.finishInit();
    host.open();
    up(job(), UpOptions.DEFAULT);
    engine.exitCodes.put("init", 1);
    assertThatThrownBy(() -> up(job(), UpOptions.DEFAULT))
        .hasMessage("service \"init\" didn't complete successfully: exit 1");
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void aDependencyThatIsUnhealthyFailsTheUpAlsoWhereItsDependentRuns() {
    Sketch sketch =
        new Sketch()
            .service("db", "1", 1, "", "no")
            .service("web", "1", 1, "db:service_healthy:false", "no");
    host.open();
    up(sketch, UpOptions.DEFAULT);
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    assertThatThrownBy(() -> up(sketch, UpOptions.DEFAULT))
        .hasMessageContaining("dependency failed to start: container shop-db-1 is unhealthy");
  }

  @Test
  void whatOnlyStartsMayBeAsItIs() {
    Sketch sketch =
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no");
    host.open();
    up(sketch, UpOptions.DEFAULT);
    host.said.clear();
    up(sketch, UpOptions.DEFAULT);
    assertThat(host.said)
        .containsExactlyInAnyOrder("Container shop-a-1 Running", "Container shop-b-1 Running");
  }

  @Test
  void waitTakesAJobForOneThatMustSucceed() {
    host.finishInit();
    host.open();
    UpOptions waiting = UpOptions.DEFAULT.with().awaitRunning(true).build();
    up(job(), waiting);
    assertThat(host.said)
        .contains("Container shop-init-1 Exited", "Container shop-web-1 Healthy")
        .doesNotContain("Container shop-init-1 Healthy");
    engine.exitCodes.put("init", 7);
    host.said.clear();
    assertThatThrownBy(() -> up(job(), waiting)).hasMessageContaining("exit 7");
    assertThat(host.said).doesNotContain("Container shop-init-1 Healthy");
  }

  @Test
  void whatIsNotStartedIsNotWaitedFor() {
    host.open();
    up(job(), UpOptions.DEFAULT.with().awaitRunning(true).noStart(true).build());
    assertThat(host.state("shop-web-1")).isEqualTo(State.CREATED);
    up(job(), UpOptions.DEFAULT.with().awaitRunning(true).noStart(true).build());
    assertThat(host.said).noneMatch(line -> line.contains("Waiting"));
  }

  @Test
  void scalingDownTakesTheObsoleteFirstAlsoWithoutRecreation() {
    host.open();
    up(new Sketch().service("web", "1", 1, "", "no"), UpOptions.DEFAULT);
    UpOptions two = UpOptions.DEFAULT.with().noRecreate(true).scale(Map.of("web", 2)).build();
    UpOptions one = UpOptions.DEFAULT.with().noRecreate(true).scale(Map.of("web", 1)).build();
    Sketch changed = new Sketch().service("web", "2", 1, "", "no");
    up(changed, two);
    assertThat(hashes()).containsExactly("1", "2");
    up(changed, one);
    assertThat(hashes()).containsExactly("2");
    assertThat(host.state("shop-web-2")).isEqualTo(State.RUNNING);
  }

  private List<String> hashes() {
    return engine.list(Map.of()).stream()
        .map(ContainerView::labels)
        .map(labels -> labels.getOrDefault(Labels.CONFIG_HASH, ""))
        .toList();
  }
}
