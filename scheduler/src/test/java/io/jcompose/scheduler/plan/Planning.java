package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.execute.Executor;
import io.jcompose.scheduler.execute.Operations;
import io.jcompose.scheduler.execute.StepResults;
import io.jcompose.scheduler.queue.Command;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Plans of the project shop as text, and what carrying them out leaves. */
final class Planning {
  final FakeEngine engine = new FakeEngine().image("busybox");
  Map<String, String> imageIds = Map.of("busybox", "sha256:busybox");

  Planning() {
    engine.exitAtOnce.add("init");
  }

  /** A database, a job and a server, each after those before it. */
  static Sketch shop(String db, String web, int scale) {
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

  Observed observed(Sketch sketch) {
    return engine.ports().observe("shop", sketch.desired(), imageIds);
  }

  ProjectPlan up(Sketch sketch, UpOptions options) {
    return Reconciler.up(sketch.desired(), observed(sketch), options, engine.byId.keySet());
  }

  ProjectPlan up(Sketch sketch) {
    return up(sketch, UpOptions.DEFAULT);
  }

  ServicePlans services(Sketch sketch) {
    return new ServicePlans(sketch.desired().graph(), observed(sketch));
  }

  /** Carries a plan out. */
  void run(ProjectPlan plan) {
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
    Executor.run(plan, (Consumer<Operation>) operations);
  }

  void made(Sketch sketch) {
    run(up(sketch));
  }

  ContainerView find(String name) {
    return engine.find(name).orElseThrow();
  }

  /** The plan with {@code <old>_} for what begins the name of a successor. */
  static String text(ProjectPlan plan) {
    return plan.text().replaceAll("[0-9a-f]{12}_", "<old>_");
  }

  /** The steps' texts without their numbers, order and causes. */
  static List<String> steps(ProjectPlan plan) {
    return plan.steps().stream()
        .map(ProjectPlan.Step::operation)
        .map(
            operation ->
                operation.text()
                    + (operation.detail().isEmpty() ? "" : " [" + operation.detail() + "]"))
        .map(text -> text.replaceAll("[0-9a-f]{12}_", "<old>_"))
        .toList();
  }

  /** Why each container that is recreated is, by its name. */
  static Map<String, String> recreations(ProjectPlan plan) {
    return plan.steps().stream()
        .map(ProjectPlan.Step::operation)
        .filter(Operation.CreateContainer.class::isInstance)
        .map(Operation.CreateContainer.class::cast)
        .filter(create -> !create.recreation().isEmpty())
        .collect(
            Collectors.toMap(
                Operation.CreateContainer::shownName, Operation.CreateContainer::recreation));
  }
}
