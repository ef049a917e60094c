package io.jcompose.scheduler.plan;

import static io.jcompose.scheduler.plan.Planning.recreations;
import static io.jcompose.scheduler.plan.Planning.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Networking;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Resources;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Records;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What makes a container another one than its service asks for, and what it can become as it is.
 */
class DivergenceTest {
  private final Planning planning = new Planning();

  private static Sketch sketch(String hash) {
    return new Sketch().service("a", hash, 1, "", "no");
  }

  private static Sketch changed(String hash, UnaryOperator<ContainerSpec> change) {
    Sketch sketch = sketch(hash);
    sketch.services.computeIfPresent(
        "a", (name, service) -> service.withTemplate(change.apply(service.template())));
    return sketch;
  }

  private static ContainerSpec limited(ContainerSpec spec) {
    return spec.withResources(resources("memoryBytes", 64L << 20));
  }

  private static Resources resources(String component, Object value) {
    return Records.with(Resources.UNLIMITED, component, value);
  }

  static Stream<Arguments> changesForWhichItIsMadeAnew() {
    FileSpec file = new FileSpec("c", "/c", null, "text", -1, -1, -1, false);
    return Stream.of(
        Arguments.of("image", (Object) "other"),
        Arguments.of("process", (Object) process().withCommand(List.of("other"))),
        Arguments.of("security", ContainerSpec.Security.DEFAULT.withPrivileged(true)),
        Arguments.of("networking", Networking.NONE),
        Arguments.of("mounts", List.of(new MountSpec.Tmpfs("/other", ""))),
        Arguments.of("files", List.of(file)),
        Arguments.of("health", new Health(List.of("CMD", "x"), null, null, null, null, 0)),
        Arguments.of("logging", new Logging("none", Map.of())),
        Arguments.of("lifecycle", new Lifecycle(RestartPolicy.NO, "SIGINT", null, false)),
        Arguments.of(
            "lifecycle", new Lifecycle(RestartPolicy.NO, "", Duration.ofSeconds(1), false)),
        Arguments.of("lifecycle", new Lifecycle(RestartPolicy.NO, "", null, true)),
        Arguments.of("resources", resources("oomScoreAdj", 5)),
        Arguments.of("resources", resources("shmBytes", 1L << 20)),
        Arguments.of("resources", resources("layerBytes", 1L << 30)),
        Arguments.of("resources", resources("oomKillDisable", true)),
        Arguments.of("resources", resources("memorySwappiness", 5)));
  }

  private static ContainerSpec.ProcessSpec process() {
    return ContainerSpec.ProcessSpec.DEFAULT;
  }

  /** Together with a limit that could be changed alone. */
  @ParameterizedTest
  @MethodSource("changesForWhichItIsMadeAnew")
  void isMadeAnew(String component, Object value) {
    planning.made(sketch("1"));
    Sketch after =
        changed(
            "2",
            spec ->
                component.equals("resources")
                    ? Records.with(spec, component, value)
                    : limited(Records.with(spec, component, value)));
    assertThat(recreations(planning.up(after))).containsOnlyKeys("shop-a-1");
  }

  @Test
  void aLabelOfItsOwnIsMadeAnewToo() {
    planning.made(sketch("1"));
    Sketch after =
        changed(
            "2",
            spec -> {
              Map<String, String> labels = new HashMap<>(spec.labels());
              labels.put("own", "x");
              return limited(spec.withLabels(labels));
            });
    assertThat(recreations(planning.up(after))).containsOnlyKeys("shop-a-1");
  }

  @Test
  void aLimitIsChangedAsItRuns() {
    planning.made(sketch("1"));
    ProjectPlan plan = planning.up(changed("2", DivergenceTest::limited));
    assertThat(steps(plan)).containsExactly("update container shop-a-1");
    ContainerSpec update = update(plan);
    assertThat(update.name()).isEqualTo("shop-a-1");
    assertThat(update.resources().memoryBytes()).isEqualTo(64L << 20);
    assertThat(update.labels())
        .containsEntry(Labels.CONFIG_HASH, "2")
        .containsEntry(Labels.IMAGE, "sha256:busybox")
        .containsEntry(Labels.SERVICE, "a");
    assertThat(update.imageId()).isEqualTo("sha256:busybox");
  }

  private static ContainerSpec update(ProjectPlan plan) {
    return plan.steps().stream()
        .map(ProjectPlan.Step::operation)
        .filter(Operation.UpdateContainer.class::isInstance)
        .map(operation -> ((Operation.UpdateContainer) operation).spec())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void itsRestartPolicyToo() {
    planning.made(sketch("1"));
    ProjectPlan plan = planning.up(new Sketch().service("a", "2", 1, "", "on-failure"));
    assertThat(update(plan).lifecycle().restart())
        .isEqualTo(new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 2));
  }

  @Test
  void whatTheEngineRefusedToChangeIsMadeAnew() {
    planning.made(sketch("1"));
    Sketch after = changed("2", DivergenceTest::limited);
    ProjectPlan plan =
        Reconciler.up(
            after.desired(),
            planning.observed(after),
            UpOptions.DEFAULT,
            planning.engine.byId.keySet(),
            planning.engine.byId.keySet());
    assertThat(recreations(plan)).containsOnlyKeys("shop-a-1");
  }

  @Test
  void aSuccessorWithInheritedVolumesIsChangedAsItRuns() {
    Sketch before = new Sketch().anonymous("/data").service("a", "1", 1, "", "no");
    planning.made(before);
    UpOptions force = UpOptions.DEFAULT.with().forceRecreate(true).build();
    planning.run(planning.up(before, force));
    Sketch after = new Sketch().anonymous("/data").service("a", "2", 1, "", "always");
    assertThat(steps(planning.up(after))).containsExactly("update container shop-a-1");
  }

  @Test
  void whoSharesANamespaceIsNotChangedAsItRuns() {
    Sketch before =
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no")
            .sharing("b", "a");
    planning.made(before);
    Sketch after =
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "2", 1, "a:service_started:false", "always")
            .sharing("b", "a");
    assertThat(recreations(planning.up(after))).containsOnlyKeys("shop-b-1");
  }

  @Test
  void whoSharesANamespaceFollowsItsOwnersRecreation() {
    planning.made(
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no")
            .sharing("b", "a"));
    Sketch after =
        new Sketch()
            .service("a", "2", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no")
            .sharing("b", "a");
    assertThat(recreations(planning.up(after)))
        .containsOnly(
            entry("shop-a-1", "configuration changed"),
            entry("shop-b-1", "it shares a namespace with a, which is recreated"));
  }

  @Test
  void anImageThatWasPulledAnewReplacesTheContainer() {
    planning.made(sketch("1"));
    planning.imageIds = Map.of("busybox", "sha256:newer");
    assertThat(recreations(planning.up(sketch("1"))))
        .containsExactly(entry("shop-a-1", "image busybox changed"));
    planning.imageIds = Map.of();
    assertThat(planning.up(sketch("1")).changesNothing()).isTrue();
  }

  /** And a limit that changes with it changes nothing of that. */
  @Test
  void anImageThatWasPulledAnewIsNoChangeOfLimits() {
    planning.made(sketch("1"));
    planning.imageIds = Map.of("busybox", "sha256:newer");
    assertThat(recreations(planning.up(changed("2", DivergenceTest::limited))))
        .containsOnlyKeys("shop-a-1");
  }

  @Test
  void aNetworkThatWasMadeAnewReplacesTheContainer() {
    planning.made(sketch("1"));
    NetworkView former = planning.engine.networks.get("shop_default");
    planning.engine.networks.put(
        "shop_default", new NetworkView("another", former.spec(), Instant.EPOCH));
    assertThat(recreations(planning.up(sketch("1"))))
        .containsExactly(entry("shop-a-1", "network shop_default was made anew"));
  }

  @Test
  void aContainerThatIsNotOnANetworkOfItsServiceIsReplaced() {
    planning.made(changed("1", spec -> spec.withNetworking(none(spec))));
    assertThat(recreations(planning.up(sketch("1"))))
        .containsExactly(entry("shop-a-1", "it is not on network shop_default"));
  }

  private static Networking none(ContainerSpec spec) {
    return spec.networking().withEndpoints(List.of());
  }

  @Test
  void whatWasHalfRemovedIsReplaced() {
    for (State state : List.of(State.DEAD, State.REMOVING)) {
      Planning fresh = new Planning();
      fresh.made(sketch("1"));
      ContainerView view = fresh.find("shop-a-1");
      fresh.engine.put(fresh.engine.with(view, state, 0, 0, false, HealthStatus.NONE));
      assertThat(recreations(fresh.up(sketch("1"))))
          .containsExactly(entry("shop-a-1", "it was half removed"));
    }
  }

  @Test
  void contentsOfFilesAreConfiguration() {
    planning.made(changed("1", spec -> spec.withFiles(List.of(file("a", false)))));
    Sketch config = changed("1", spec -> spec.withFiles(List.of(file("b", false))));
    assertThat(recreations(planning.up(config)))
        .containsExactly(entry("shop-a-1", "content of config c changed"));
    Sketch secret = changed("1", spec -> spec.withFiles(List.of(file("b", true))));
    assertThat(planning.up(secret).changesNothing()).as("another file at that place").isTrue();
  }

  private static FileSpec file(String content, boolean secret) {
    return new FileSpec("c", "/c", null, content, -1, -1, -1, secret);
  }
}
