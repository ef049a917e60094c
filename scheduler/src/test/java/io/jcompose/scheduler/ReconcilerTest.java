package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Plans as text, against {@code ReconcilerTest/<case>.txt}. */
class ReconcilerTest {
  private final FakeEngine engine = new FakeEngine().image("busybox");
  private final Map<String, String> ids = Map.of("busybox", "sha256:busybox");

  private static Sketch shop(String db, String web, int scale) {
    return new Sketch()
        .service("db", db, 1, "", "always")
        .service("init", "1", 1, "db:service_healthy:false", "no")
        .service(
            "web",
            web,
            scale,
            "db:service_healthy:true,init:service_completed_successfully:false",
            "always");
  }

  private Plan plan(Desired desired, UpOptions options) {
    return Reconciler.up(
        desired, engine.ports().observe("shop", desired, ids), options, engine.byId.keySet());
  }

  private void made(Sketch sketch) {
    Operations operations =
        new Operations(
            "shop",
            engine.ports(),
            new Conditions(engine.ports().containers()),
            Progress.NONE,
            Command.free(),
            new Outcomes(),
            null,
            "");
    engine.exitAtOnce.add("init");
    Executor.run(plan(sketch.desired(), UpOptions.DEFAULT), (Consumer<Operation>) operations);
  }

  private static void expect(String name, String text) throws IOException {
    try (InputStream golden =
        ReconcilerTest.class.getResourceAsStream("/ReconcilerTest/" + name + ".txt")) {
      String expected =
          golden == null ? "" : new String(golden.readAllBytes(), StandardCharsets.UTF_8);
      if (golden == null || Boolean.getBoolean("golden.write")) {
        java.nio.file.Path file =
            java.nio.file.Path.of("src/test/resources/ReconcilerTest", name + ".txt");
        java.nio.file.Files.createDirectories(file.getParent());
        java.nio.file.Files.writeString(file, text);
      }
      assertThat(text.replaceAll("[0-9a-f]{12}_", "<old>_"))
          .isEqualTo(expected.replaceAll("[0-9a-f]{12}_", "<old>_"));
    }
  }

  @Test
  void firstUp() throws IOException {
    expect("first-up", plan(shop("1", "1", 2).desired(), UpOptions.DEFAULT).text());
  }

  @Test
  void refusesMoreContainersThanAProjectMayHave() {
    Sketch sketch = new Sketch().service("a", "1", 1500, "", "no").service("b", "1", 1, "", "no");
    UpOptions more = UpOptions.builder().scale(Map.of("b", 501)).build();
    assertThatThrownBy(() -> plan(sketch.desired(), more))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(
            "the project is too large: 2,001 containers, and an engine takes 2,000 of one project");
  }

  @Test
  void nothingChanged() throws IOException {
    made(new Sketch().service("a", "1", 2, "", "no"));
    Plan plan = plan(new Sketch().service("a", "1", 2, "", "no").desired(), UpOptions.DEFAULT);
    assertThat(plan.changesNothing()).isTrue();
    expect("nothing-changed", plan.text());
  }

  @Test
  void changedDependency() throws IOException {
    made(shop("1", "1", 2));
    expect("changed-dependency", plan(shop("2", "1", 2).desired(), UpOptions.DEFAULT).text());
  }

  @Test
  void changesOnlyWhatCanBeChangedWhileItRuns() throws IOException {
    made(new Sketch().service("a", "1", 1, "", "no").service("b", "1", 1, "", "no"));
    Sketch changed = new Sketch().service("a", "2", 1, "", "always").service("b", "2", 1, "", "no");
    expect("limits-changed", plan(changed.desired(), UpOptions.DEFAULT).text());
  }

  @Test
  void scaledDownAndOrphans() throws IOException {
    made(shop("1", "1", 3));
    made(new Sketch().service("old", "1", 1, "", "no"));
    expect("scaled-down", plan(shop("1", "1", 1).desired(), UpOptions.DEFAULT).text());
    UpOptions ignoring = UpOptions.builder().ignoreOrphans(true).build();
    assertThat(plan(shop("1", "1", 1).desired(), ignoring).text()).doesNotContain("orphan");
  }

  @Test
  void changedNetwork() throws IOException {
    made(shop("1", "1", 1));
    expect(
        "changed-network",
        plan(shop("1", "1", 1).network("n2").desired(), UpOptions.DEFAULT).text());
  }

  @Test
  void down() throws IOException {
    made(shop("1", "1", 2));
    Desired desired = shop("1", "1", 2).desired();
    Observed observed = engine.ports().observe("shop", desired, ids);
    expect(
        "down",
        new ServicePlans(desired.graph(), observed)
            .down(
                DownOptions.DEFAULT,
                List.copyOf(observed.networks().values()),
                List.of(),
                List.of())
            .text());
  }

  @Test
  void restartTakesFollowersAlong() throws IOException {
    made(shop("1", "1", 1));
    Desired desired = shop("1", "1", 1).desired();
    Observed observed = engine.ports().observe("shop", desired, ids);
    expect(
        "restart",
        new ServicePlans(desired.graph(), observed).restart(List.of("db"), null, false).text());
  }

  @Test
  void plansFiftyServices() {
    Sketch sketch = new Sketch();
    for (int i = 0; i < 50; i++) {
      sketch.service(
          "s" + i, "1", 1, i % 5 == 0 ? "" : "s" + (i - 1) + ":service_started:false", "no");
    }
    Desired desired = sketch.desired();
    assertThat(plan(desired, UpOptions.DEFAULT).steps()).hasSize(102);
  }
}
