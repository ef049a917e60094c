package io.jcompose.scheduler.plan;

import static io.jcompose.scheduler.plan.Planning.recreations;
import static io.jcompose.scheduler.plan.Planning.shop;
import static io.jcompose.scheduler.plan.Planning.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.UpOptionsBuilder;
import io.jcompose.scheduler.desired.Desired;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each option of {@code up}, {@code create}, {@code run}, {@code down} makes of a plan. */
class UpOptionsTest {
  private static final Duration FIVE = Duration.ofSeconds(5);

  private final Planning planning = new Planning();

  private static UpOptionsBuilder only(String service) {
    return UpOptions.DEFAULT.with().services(List.of(service));
  }

  private static Sketch data(String hash, int scale) {
    return new Sketch().anonymous("/data").service("a", hash, scale, "", "always");
  }

  @Test
  void aNamedServiceBringsWhatItDependsOn() {
    assertThat(steps(planning.up(shop("1", "1", 1), only("init").build())))
        .containsExactly(
            "create network shop_default",
            "create volume shop_data",
            "create container shop-db-1",
            "create container shop-init-1",
            "start container shop-db-1",
            "await service_healthy of shop-db-1",
            "start container shop-init-1");
  }

  @Test
  void noDepsLeavesThemAlone() {
    assertThat(steps(planning.up(shop("1", "1", 1), only("web").noDeps(true).build())))
        .containsExactly(
            "create network shop_default",
            "create volume shop_data",
            "create container shop-web-1",
            "start container shop-web-1");
  }

  @Test
  void anUnknownServiceIsRefused() {
    assertThatThrownBy(() -> planning.up(shop("1", "1", 1), only("wep").build()))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("no such service: wep");
  }

  @Test
  void noRecreateLeavesWhatIsThereAndMakesWhatLacks() {
    planning.made(data("1", 1));
    UpOptions options = UpOptions.DEFAULT.with().noRecreate(true).build();
    assertThat(steps(planning.up(data("2", 2), options)))
        .containsExactly(
            "create container shop-a-2", "keep container shop-a-1", "start container shop-a-2");
  }

  @Test
  void noRecreateChangesNoLimitsEither() {
    planning.made(new Sketch().service("a", "1", 1, "", "no"));
    UpOptions options = UpOptions.DEFAULT.with().noRecreate(true).build();
    assertThat(steps(planning.up(new Sketch().service("a", "2", 1, "", "always"), options)))
        .containsExactly("keep container shop-a-1");
  }

  @Test
  void forceRecreateMeansTheNamedAndNotTheirDependencies() {
    Sketch shop = shop("1", "1", 1);
    planning.made(shop);
    assertThat(recreations(planning.up(shop, only("web").forceRecreate(true).build())))
        .containsExactly(entry("shop-web-1", "--force-recreate"));
    assertThat(recreations(planning.up(shop, UpOptions.DEFAULT.with().forceRecreate(true).build())))
        .containsOnlyKeys("shop-db-1", "shop-init-1", "shop-web-1");
  }

  @Test
  void forceRecreateMeansOnlyThoseThatThereWereWhenItWasAskedFor() {
    Sketch a = data("1", 2);
    planning.made(a);
    UpOptions options = UpOptions.DEFAULT.with().forceRecreate(true).build();
    Set<String> former = Set.of(planning.find("shop-a-2").id());
    ProjectPlan plan = Reconciler.up(a.desired(), planning.observed(a), options, former);
    assertThat(recreations(plan)).containsOnlyKeys("shop-a-2");
  }

  @Test
  void aForcedRecreationIsNoChangeOfLimits() {
    planning.made(new Sketch().service("a", "1", 1, "", "no"));
    UpOptions options = UpOptions.DEFAULT.with().forceRecreate(true).build();
    ProjectPlan plan = planning.up(new Sketch().service("a", "2", 1, "", "always"), options);
    assertThat(recreations(plan)).containsExactly(entry("shop-a-1", "--force-recreate"));
    assertThat(steps(plan)).noneMatch(step -> step.startsWith("update"));
  }

  @Test
  void alwaysRecreateDepsMeansTheDependenciesAndNotTheNamed() {
    Sketch shop = shop("1", "1", 1);
    planning.made(shop);
    UpOptions options = only("web").alwaysRecreateDeps(true).build();
    assertThat(recreations(planning.up(shop, options)))
        .containsExactly(
            entry("shop-db-1", "--always-recreate-deps"),
            entry("shop-init-1", "--always-recreate-deps"));
  }

  @Test
  void alwaysRecreateDepsIsNoChangeOfLimits() {
    Sketch before =
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no");
    planning.made(before);
    Sketch after =
        new Sketch()
            .service("a", "2", 1, "", "always")
            .service("b", "1", 1, "a:service_started:false", "no");
    assertThat(recreations(planning.up(after, only("b").alwaysRecreateDeps(true).build())))
        .containsExactly(entry("shop-a-1", "--always-recreate-deps"));
    assertThat(steps(planning.up(after, only("b").build())))
        .containsExactly("update container shop-a-1", "keep container shop-b-1");
  }

  @Test
  void aRecreatedContainerTakesItsAnonymousVolumesOver() {
    planning.made(data("1", 1));
    ProjectPlan plan = planning.up(data("2", 1));
    assertThat(steps(plan))
        .contains(
            "create container <old>_shop-a-1"
                + " [for shop-a-1, configuration changed, inherits /data]",
            "remove container shop-a-1 [quiet]");
    String data = planning.find("shop-a-1").anonymousVolumes().get("/data");
    planning.run(plan);
    assertThat(planning.find("shop-a-1").anonymousVolumes()).containsEntry("/data", data);
    assertThat(planning.engine.anonymousVolumes()).containsExactly(data);
  }

  @Test
  void renewedOnesGoWithTheOldContainer() {
    planning.made(data("1", 1));
    assertThat(
            steps(
                planning.up(data("2", 1), UpOptions.DEFAULT.with().renewAnonVolumes(true).build())))
        .contains(
            "create container <old>_shop-a-1 [for shop-a-1, configuration changed]",
            "remove container shop-a-1 [volumes too, quiet]");
  }

  @Test
  void aTimeoutIsThatOfEveryStop() {
    planning.made(data("1", 2).service("old", "1", 1, "", "no"));
    UpOptions options = UpOptions.DEFAULT.with().timeout(FIVE).removeOrphans(true).build();
    assertThat(steps(planning.up(data("2", 1), options)))
        .filteredOn(step -> step.startsWith("stop"))
        .containsExactly(
            "stop container shop-old-1 [in 5 s]",
            "stop container shop-a-2 [in 5 s]",
            "stop container shop-a-1 [in 5 s, quiet]");
  }

  @Test
  void noStartMakesAllAndStartsNothing() {
    Sketch shop = shop("1", "1", 1);
    UpOptions create = UpOptions.DEFAULT.with().noStart(true).build();
    assertThat(steps(planning.up(shop, create)))
        .containsExactly(
            "create network shop_default",
            "create volume shop_data",
            "create container shop-db-1",
            "create container shop-init-1",
            "create container shop-web-1");
    planning.run(planning.up(shop, create));
    assertThat(steps(planning.up(shop, create)))
        .containsExactly(
            "keep container shop-db-1", "keep container shop-init-1", "keep container shop-web-1");
  }

  @Test
  void noStartStopsNobodyWhoFollowsARecreation() {
    planning.made(shop("1", "1", 1));
    UpOptions create = UpOptions.DEFAULT.with().noStart(true).build();
    assertThat(steps(planning.up(shop("2", "1", 1), create)))
        .filteredOn(step -> step.startsWith("st"))
        .containsExactly("stop container shop-db-1 [quiet]");
  }

  @Test
  void waitWaitsForAllButJobsThatOthersWaitFor() {
    UpOptions wait = UpOptions.DEFAULT.with().awaitRunning(true).build();
    ProjectPlan plan = planning.up(shop("1", "1", 2), wait);
    assertThat(steps(plan))
        .endsWith(
            "await running or healthy of shop-db-1",
            "await running or healthy of shop-web-1, shop-web-2");
    assertThat(Planning.text(plan))
        .contains("await running or healthy of shop-web-1, shop-web-2 after 11,12  (--wait)");
  }

  @Test
  void aScaleOfTheCommandIsOverTheFiles() {
    UpOptions options = UpOptions.DEFAULT.with().scale(Map.of("a", 1)).build();
    assertThat(steps(planning.up(data("1", 3), options)))
        .filteredOn(step -> step.startsWith("create container"))
        .containsExactly("create container shop-a-1");
  }

  @Test
  void noneOfAServiceIsAScaleToo() {
    planning.made(data("1", 2));
    UpOptions none = UpOptions.DEFAULT.with().scale(Map.of("a", 0)).build();
    assertThat(steps(planning.up(data("1", 2), none)))
        .containsExactly(
            "stop container shop-a-2",
            "remove container shop-a-2",
            "stop container shop-a-1",
            "remove container shop-a-1");
  }

  @Test
  void aContainerNameIsForOne() {
    Sketch named = new Sketch().called("mine").service("a", "1", 2, "", "no");
    assertThatThrownBy(() -> planning.up(named))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("can't scale service \"a\"")
        .hasMessageContaining("to run 2 containers");
    assertThat(steps(planning.up(named, UpOptions.DEFAULT.with().scale(Map.of("a", 1)).build())))
        .contains("create container mine");
  }

  @Test
  void theObsoleteGoFirstThenTheHighest() {
    planning.made(data("1", 1));
    planning.run(planning.up(data("2", 3), UpOptions.DEFAULT.with().noRecreate(true).build()));
    assertThat(steps(planning.up(data("2", 1))))
        .containsExactly(
            "stop container shop-a-1",
            "remove container shop-a-1",
            "stop container shop-a-3",
            "remove container shop-a-3",
            "keep container shop-a-2");
  }

  @Test
  void gapsAreFilled() {
    planning.made(data("1", 3));
    planning.engine.ports().containers().remove(planning.find("shop-a-2").id(), true, false);
    assertThat(steps(planning.up(data("1", 4))))
        .startsWith("create container shop-a-2", "create container shop-a-4");
  }

  @Test
  void orphansAreToldRemovedOrIgnored() {
    planning.made(data("1", 1).service("old", "1", 1, "", "no"));
    Sketch now = data("1", 1);
    assertThat(planning.up(now).warnings()).singleElement().asString().contains("[shop-old-1]");
    ProjectPlan ignored = planning.up(now, UpOptions.DEFAULT.with().ignoreOrphans(true).build());
    assertThat(ignored.warnings()).isEmpty();
    assertThat(ignored.changesNothing()).isTrue();
    ProjectPlan removed = planning.up(now, UpOptions.DEFAULT.with().removeOrphans(true).build());
    assertThat(removed.warnings()).isEmpty();
    assertThat(steps(removed))
        .containsExactly(
            "stop container shop-old-1", "remove container shop-old-1", "keep container shop-a-1");
  }

  @Test
  void aServiceThatNoProfileHoldsIsNoOrphan() {
    planning.made(data("1", 1).service("debug", "1", 1, "", "no"));
    Desired all = data("1", 1).desired();
    Desired desired =
        new Desired(
            all.project(),
            all.configFiles(),
            all.services(),
            List.of("debug"),
            all.networks(),
            all.volumes());
    ProjectPlan plan =
        Reconciler.up(desired, planning.observed(data("1", 1)), UpOptions.DEFAULT, Set.of());
    assertThat(plan.warnings()).isEmpty();
  }

  /** Those of `run` that still run are at work; those that ended were forgotten. */
  @Test
  void oneOffsAreOrphansOnceTheyHaveEnded() {
    planning.made(data("1", 1));
    oneOff("running", true);
    oneOff("ended", false);
    assertThat(planning.up(data("1", 1)).warnings())
        .singleElement()
        .asString()
        .contains("([ended])");
  }

  private void oneOff(String name, boolean running) {
    ContainerSpec template = data("1", 1).services.get("a").template();
    ContainerSpec spec = template.withName(name).withLabels(labels(template, "True"));
    String id = planning.engine.ports().containers().create(spec);
    planning.engine.ports().containers().start(id);
    if (!running) {
      planning.engine.ports().containers().stop(id, null, true);
    }
  }

  private static Map<String, String> labels(ContainerSpec template, String oneOff) {
    Map<String, String> labels = new HashMap<>(template.labels());
    labels.put(Labels.ONEOFF, oneOff);
    return labels;
  }

  @Test
  void allResourcesAreMadeWhereAsked() {
    Sketch two = data("1", 1);
    Desired one = two.desired();
    Desired.Service a = one.services().get("a");
    Desired unused =
        new Desired(
            "shop",
            one.configFiles(),
            Map.of("a", a.withNetworks(List.of()).withVolumes(List.of())),
            List.of(),
            one.networks(),
            one.volumes());
    Observed nothing = planning.observed(two);
    assertThat(steps(Reconciler.up(unused, nothing, UpOptions.DEFAULT, Set.of())))
        .containsExactly("create container shop-a-1", "start container shop-a-1");
    UpOptions all = UpOptions.DEFAULT.with().allResources(true).build();
    assertThat(steps(Reconciler.up(unused, nothing, all, Set.of())))
        .startsWith("create network shop_default", "create volume shop_data");
  }

  @Test
  void aOneOffComesAfterWhatItsServiceDependsOn() {
    Sketch shop = shop("1", "1", 1);
    ContainerSpec spec = shop.services.get("web").template().withName("shop-web-run");
    ProjectPlan plan =
        Reconciler.run(shop.desired(), planning.observed(shop), UpOptions.DEFAULT, "web", spec);
    assertThat(Planning.text(plan))
        .isEqualTo(
            """
            1. create network shop_default  (it does not exist)
            2. create volume shop_data  (it does not exist)
            3. create container shop-db-1 after 1,2  (it does not exist)
            4. create container shop-init-1 after 1,2  (it does not exist)
            5. start container shop-db-1 after 3  (it was created)
            6. await service_healthy of shop-db-1 after 5  (others depend on db)
            7. start container shop-init-1 after 4,6  (it was created)
            8. await service_completed_successfully of shop-init-1 after 7  (others depend on init)
            9. create container shop-web-run after 1,2,6,8  (run)
            """);
  }

  @Test
  void aOneOffWithoutDependenciesIsAlone() {
    Sketch shop = shop("1", "1", 1);
    ContainerSpec spec = shop.services.get("web").template().withName("shop-web-run");
    UpOptions alone = UpOptions.DEFAULT.with().noDeps(true).build();
    assertThat(steps(Reconciler.run(shop.desired(), planning.observed(shop), alone, "web", spec)))
        .containsExactly(
            "create network shop_default",
            "create volume shop_data",
            "create container shop-web-run");
  }

  @Test
  void stopRestartAndDownHaveTheirTimeoutsAndVolumes() {
    Sketch shop = shop("1", "1", 1);
    planning.made(shop);
    assertThat(steps(planning.services(shop).stop(List.of("db", "web"), FIVE)))
        .containsExactly(
            "stop container shop-web-1 [in 5 s, manual]",
            "stop container shop-db-1 [in 5 s, manual]");
    assertThat(steps(planning.services(shop).restart(List.of("db"), FIVE, true)))
        .containsExactly(
            "stop container shop-db-1 [in 5 s, quiet]", "start container shop-db-1 [again]");
    DownOptions down = new DownOptions(List.of("web"), true, List.of(), false, FIVE);
    assertThat(
            steps(
                planning
                    .services(shop)
                    .down(down, List.of(), List.of("shop_data"), List.of("busybox"))))
        .containsExactly(
            "stop container shop-web-1 [in 5 s, manual]",
            "remove container shop-web-1 [volumes too]",
            "remove volume shop_data",
            "remove image busybox");
  }
}
