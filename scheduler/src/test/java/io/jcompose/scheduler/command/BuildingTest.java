package io.jcompose.scheduler.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.scheduler.BuildMode;
import io.jcompose.scheduler.BuildOptions;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.PullOptions;
import io.jcompose.scheduler.RunOptions;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When images are built, and what becomes of it. */
@Timeout(60)
class BuildingTest {
  private static final String SHOP =
      """
      name: shop
      services:
        db: {image: busybox}
        web: {build: web, depends_on: [db]}
        job: {build: job}
      """;

  private final Path files;
  private final ProjectsFixture host;
  private final FakeEngine engine;

  BuildingTest(@TempDir Path files, @TempDir Path state) {
    this.files = files;
    this.host = new ProjectsFixture(state);
    this.engine = host.engine;
    host.open();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private Project project(String yaml) throws IOException {
    Files.writeString(files.resolve("compose.yaml"), yaml);
    return new ProjectLoader().load(LoadRequest.of(files, Map.of()));
  }

  private void up(String yaml, BuildMode mode) throws IOException {
    UpOptions options = UpOptions.DEFAULT.with().building(mode).build();
    host.projects().up(project(yaml), options, host.progress);
  }

  @Test
  void upBuildsWhatIsMissingInOneCallBeforeAnythingIsMade() throws IOException {
    up(SHOP, BuildMode.MISSING);
    assertThat(engine.calls.getFirst()).isEqualTo("build web job");
    assertThat(engine.callsOf("build")).hasSize(1);
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
    assertThat(engine.find("shop-web-1").orElseThrow().labels())
        .containsEntry(Labels.IMAGE, engine.images.get("shop-web").id());
    engine.calls.clear();
    up(SHOP, BuildMode.MISSING);
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void aNewImageRecreatesItsContainersAlone() throws IOException {
    up(SHOP, BuildMode.MISSING);
    String web = engine.find("shop-web-1").orElseThrow().id();
    String db = engine.find("shop-db-1").orElseThrow().id();
    up(SHOP, BuildMode.ALL);
    assertThat(engine.callsOf("build")).containsExactly("build web job", "build web job");
    assertThat(engine.find("shop-web-1").orElseThrow().id()).isNotEqualTo(web);
    assertThat(engine.find("shop-db-1").orElseThrow().id()).isEqualTo(db);
  }

  @Test
  void whyIsReportedWhereItIsAskedFor() throws IOException {
    up(SHOP, BuildMode.ALL);
    assertThat(engine.built).isNotEmpty().noneMatch(spec -> spec.cache().explained());
    engine.built.clear();
    UpOptions options = UpOptions.DEFAULT.with().building(BuildMode.ALL).why(true).build();
    host.projects().up(project(SHOP), options, host.progress);
    assertThat(engine.built).hasSize(2).allMatch(spec -> spec.cache().explained());
    assertThat(options.withoutWait().why()).isFalse();
  }

  @Test
  void pullPolicyBuildBuildsEachTime() throws IOException {
    String yaml = "name: shop\nservices: {web: {image: app, build: ., pull_policy: build}}\n";
    up(yaml, BuildMode.MISSING);
    up(yaml, BuildMode.MISSING);
    assertThat(engine.callsOf("build")).hasSize(2);
    assertThat(engine.callsOf("pull")).isEmpty();
    engine.calls.clear();
    up(yaml, BuildMode.NEVER); // what is there is good enough
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void anImageWithANameIsPulledFirstAndBuiltWhereThatFails() throws IOException {
    up(
        """
        name: shop
        services:
          there: {image: registry.test/app, build: there}
          not: {image: registry.test/missing, build: not}
        """,
        BuildMode.MISSING);
    assertThat(engine.calls.subList(0, 3))
        .containsExactlyInAnyOrder(
            "pull registry.test/app", "pull registry.test/missing", "build not");
    assertThat(engine.calls.get(2)).isEqualTo("build not");
    assertThat(host.said)
        .contains("Image registry.test/missing Warning no such manifest: registry.test/missing");
    assertThat(host.state("shop-not-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void aServiceWithoutBuildGetsTheImageThatAnotherBuilds() throws IOException {
    up(
        """
        name: shop
        services:
          web: {image: missing/app, build: .}
          worker: {image: "missing/app:latest"}
        """,
        BuildMode.MISSING);
    assertThat(engine.callsOf("build")).containsExactly("build web");
    assertThat(engine.find("shop-worker-1").orElseThrow().imageId())
        .isEqualTo(engine.find("shop-web-1").orElseThrow().imageId());
  }

  @Test
  void neverPullsAndBuildsNothingWhenToldSo() {
    assertThatThrownBy(() -> up(SHOP, BuildMode.NEVER))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("No such image: shop-web");
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void aPolicyOfNeverBuildsWhatIsMissing() throws IOException {
    up(
        "name: shop\nservices: {web: {image: app, build: ., pull_policy: never}}\n",
        BuildMode.MISSING);
    assertThat(engine.callsOf("pull")).isEmpty();
    assertThat(engine.callsOf("build")).hasSize(1);
  }

  @Test
  void aFailedBuildMakesNothing() {
    assertThatThrownBy(
            () -> up("services: {broken: {build: .}, db: {image: busybox}}", BuildMode.MISSING))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("Dockerfile:2: RUN false");
    assertThat(engine.callsOf("create")).isEmpty();
    assertThat(engine.networks).isEmpty();
  }

  @Test
  void aBuildEndsWithItsCommand() throws Exception {
    Project project = project(SHOP);
    engine.hold("build");
    ProjectsFixture.Caller caller = host.new Caller();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(() -> host.projects().up(project, UpOptions.DEFAULT, caller));
    ProjectsFixture.until(() -> !engine.heldCalls.isEmpty());
    caller.leave();
    assertThatThrownBy(() -> up.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Cancelled.class);
    assertThat(engine.callsOf("create")).isEmpty();
  }

  @Test
  void downEndsABuildOfItsProject() throws Exception {
    Project project = project(SHOP);
    engine.hold("build");
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> host.projects().up(project, UpOptions.DEFAULT, host.progress));
    ProjectsFixture.until(() -> !engine.heldCalls.isEmpty());
    host.projects().stop(Target.of("shop", List.of()), null, host.progress);
    assertThatThrownBy(() -> up.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Cancelled.class);
  }

  @Test
  void runBuildsItsServiceAndThoseBefore() throws IOException {
    RunOptions options = RunOptions.of("web", List.of("true"));
    host.projects().run(project(SHOP), options, host.progress);
    assertThat(engine.callsOf("build")).containsExactly("build web");
    host.projects()
        .run(project(SHOP), options.with().building(BuildMode.ALL).build(), host.progress);
    assertThat(engine.callsOf("build")).hasSize(2);
  }

  @Test
  void buildMakesImagesAndNoContainers() throws IOException {
    Map<String, String> ids =
        host.projects().build(project(SHOP), BuildOptions.DEFAULT, host.progress);
    assertThat(ids).containsOnlyKeys("shop-web", "shop-job");
    assertThat(engine.built)
        .extracting(BuildSpec::context)
        .containsExactly(files.resolve("web").toString(), files.resolve("job").toString());
    assertThat(engine.callsOf("create")).isEmpty();
    host.projects()
        .build(project("services: {db: {image: busybox}}"), BuildOptions.DEFAULT, host.progress);
    assertThat(host.said).contains("Build Warning No services to build");
  }

  @Test
  void buildIsOfNamedServicesAndTheirDependenciesWhereAsked() throws IOException {
    Project project =
        project(
            """
            services:
              web: {build: web, depends_on: [api]}
              api: {build: api}
              other: {build: other}
            """);
    BuildOptions web = BuildOptions.DEFAULT.with().services(List.of("web")).build();
    assertThat(host.projects().builds(project, web))
        .extracting(BuildSpec::name)
        .containsExactly("web");
    assertThat(host.projects().builds(project, web.with().withDependencies(true).build()))
        .extracting(BuildSpec::name)
        .containsExactlyInAnyOrder("web", "api");
  }

  @Test
  void pullPassesOverWhatIsOnlyBuilt() throws IOException {
    PullOptions all = new PullOptions(List.of(), "", true, false, false);
    host.projects().pull(project(SHOP), all, host.progress);
    assertThat(engine.callsOf("pull")).containsExactly("pull busybox");
    assertThat(host.said).contains("Image shop-web Skipped it is built");
    engine.calls.clear();
    Project both = project("services: {a: {image: x, build: .}, b: {image: busybox}}");
    host.projects().pull(both, all, host.progress);
    assertThat(engine.callsOf("pull")).containsExactlyInAnyOrder("pull x", "pull busybox");
    engine.calls.clear();
    host.projects().pull(both, new PullOptions(List.of(), "", true, false, true), host.progress);
    assertThat(engine.callsOf("pull")).containsExactly("pull busybox");
  }

  @Test
  void imagesThatTheProjectBuiltAreThoseThatAreLocal() throws IOException {
    Project project =
        project("name: shop\nservices: {a: {build: .}, b: {image: x, build: .}, c: {image: y}}\n");
    assertThat(DownOptions.builtImagesOf(project, List.of(), image -> false))
        .containsExactly("shop-a");
    assertThat(DownOptions.builtImagesOf(project, List.of(), image -> true))
        .containsExactly("shop-a", "x");
    assertThat(DownOptions.builtImagesOf(project, List.of("b"), image -> false)).isEmpty();
    assertThat(DownOptions.builtImagesOf(project, List.of("c"), image -> true)).isEmpty();
    assertThat(DownOptions.imagesOf(project, List.of())).containsExactly("shop-a", "x", "y");
  }

  @Test
  void theDryRunTellsWhatWouldBeBuilt() throws IOException {
    assertThat(host.projects().dryUp(project(SHOP), UpOptions.DEFAULT, host.progress))
        .contains(
            "build image shop-web (it is not there)", "build image shop-job (it is not there)");
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void theEnginesStartBuildsNothingAndTakesWhatIsThere() throws IOException {
    up(SHOP, BuildMode.MISSING);
    engine.calls.clear();
    host.abandon();
    host.open().expectResume();
    host.projects().resume();
    assertThat(engine.callsOf("build")).isEmpty();
  }
}
