package io.jcompose.scheduler.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.execute.Operations;
import io.jcompose.scheduler.execute.StepResults;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.Reconciler;
import io.jcompose.scheduler.queue.Command;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Plans cut off after any number of calls and completed by planning again, each in many of the
 * orders its steps allow: what a plan leaves open, a loaded machine decides. One thread, no clock.
 */
class InterruptedPlansTest {
  private static final int ORDERS = 12;
  private static final int MOST_CALLS = 30;
  private static final int VOLUMES = 5; // one of each image, and of the file
  private static final UpOptions FORCE = UpOptions.DEFAULT.with().forceRecreate(true).build();
  private static final String RUNS =
      "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n";

  private FakeEngine engine = new FakeEngine();

  private static Sketch shop(String db, String web) {
    return new Sketch()
        .anonymous("/file")
        .service("db", db, 1, "", "always")
        .anonymous()
        .service("init", "1", 1, "db:service_healthy:false", "no")
        .service(
            "web",
            web,
            2,
            "db:service_healthy:true,init:service_completed_successfully:false",
            "always");
  }

  @Test
  void completesAFirstUp() {
    completes(null, shop("1", "1"), UpOptions.DEFAULT);
  }

  @Test
  void completesAForcedRecreation() {
    completes(shop("1", "1"), shop("1", "1"), FORCE);
  }

  @Test
  void completesAChangeOfSeveralServices() {
    completes(shop("1", "1"), shop("2", "2"), UpOptions.DEFAULT);
  }

  @Test
  void completesAChangeOfADependency() {
    completes(shop("1", "1"), shop("2", "1"), UpOptions.DEFAULT);
  }

  @Test
  void completesAChangeOfTheNetwork() {
    completes(shop("1", "1"), shop("1", "1").network("n2"), UpOptions.DEFAULT);
  }

  /** The worst place for a crash: the old network is gone, and what was on it is stopped. */
  @Test
  void completesAChangeOfTheNetworkAndOfWhatIsOnIt() {
    completes(shop("1", "1"), shop("2", "2").network("n2"), UpOptions.DEFAULT);
  }

  /** Leftovers and surplus hold on to the network too. */
  @Test
  void makesANetworkAnewAfterAnInterruptedRecreationAndWithFewerContainers() {
    for (int calls = 0; calls < MOST_CALLS; calls++) {
      for (int seed = 0; seed < ORDERS; seed++) {
        Random order = new Random(seed);
        fresh();
        run(shop("1", "1").desired(), UpOptions.DEFAULT, former(), order);
        cutOff(calls, plan(shop("1", "1").desired(), FORCE, former()), order);
        Sketch after = new Sketch().service("web", "1", 1, "", "always").network("n2");
        UpOptions orphansToo = UpOptions.DEFAULT.with().removeOrphans(true).build();
        run(after.desired(), orphansToo, former(), order);
        assertThat(engine.text())
            .as("after %d calls, seed %d", calls, seed)
            .isEqualTo("shop-web-1 RUNNING\nnetwork shop_default\nvolume shop_data\n");
      }
    }
  }

  /** What there is when a plan is asked for. */
  private Set<String> former() {
    return Set.copyOf(engine.byId.keySet());
  }

  private void fresh() {
    engine = new FakeEngine().image("busybox", "sha256:busybox", List.of("/image"));
    engine.exitAtOnce.add("init");
  }

  private void cutOff(int calls, ProjectPlan plan, Random order) {
    engine.callsLeft = calls;
    try {
      run(plan, order);
    } catch (JcomposeException.Internal e) {
      assertThat(e).hasMessage("killed");
    }
    engine.callsLeft = Integer.MAX_VALUE;
  }

  private Map<String, String> data() {
    return engine.find("shop-db-1").orElseThrow().anonymousVolumes();
  }

  /** Or a crash at this moment would leave it to nobody. */
  private void isHeld(Map<String, String> data, String when) {
    assertThat(engine.list(Map.of()))
        .as(when)
        .anyMatch(view -> view.anonymousVolumes().equals(data));
  }

  private void completes(@Nullable Sketch before, Sketch after, UpOptions options) {
    for (int calls = 0; calls < MOST_CALLS; calls++) {
      for (int seed = 0; seed < ORDERS; seed++) {
        Random order = new Random(seed);
        fresh();
        if (before != null) {
          run(before.desired(), UpOptions.DEFAULT, former(), order);
        }
        Map<String, String> data = before == null ? Map.of() : data();
        Set<String> begun = former();
        cutOff(calls, plan(after.desired(), options, begun), order);
        String found = engine.text();
        if (before != null) {
          isHeld(data, "after %d calls, seed %d:%n%s".formatted(calls, seed, found));
        }
        ProjectPlan plan = plan(after.desired(), options, begun);
        try {
          run(plan, order);
        } catch (JcomposeException e) {
          throw new AssertionError(
              "after %d calls, seed %d:%n%s%n%s".formatted(calls, seed, found, plan.text()), e);
        }
        assertThat(engine.text())
            .as("after %d calls, seed %d:%n%s%n%s", calls, seed, found, plan.text())
            .startsWith(RUNS);
        if (before != null) {
          assertThat(data()).as("after %d calls, seed %d", calls, seed).isEqualTo(data);
        }
        assertThat(engine.anonymousVolumes())
            .as("after %d calls, seed %d: volumes of nobody", calls, seed)
            .hasSize(VOLUMES);
      }
    }
  }

  private void run(Desired desired, UpOptions options, Set<String> begun, Random order) {
    run(plan(desired, options, begun), order);
  }

  private ProjectPlan plan(Desired desired, UpOptions options, Set<String> begun) {
    Map<String, String> ids = Map.of("busybox", "sha256:busybox");
    return Reconciler.up(desired, engine.ports().observe("shop", desired, ids), options, begun);
  }

  /** Does one ready step after the other, any of them next. */
  private void run(ProjectPlan plan, Random order) {
    Operations operations =
        new Operations(
            "shop",
            engine.ports(),
            new Conditions(engine.ports().containers()),
            Progress.NONE,
            Command.free(),
            new StepResults(),
            null,
            "");
    Set<Integer> done = new HashSet<>();
    while (done.size() < plan.steps().size()) {
      List<Integer> ready = new ArrayList<>();
      for (int i = 0; i < plan.steps().size(); i++) {
        if (!done.contains(i) && done.containsAll(plan.steps().get(i).after())) {
          ready.add(i);
        }
      }
      int next = ready.get(order.nextInt(ready.size()));
      operations.accept(plan.steps().get(next).operation());
      done.add(next);
    }
  }
}
