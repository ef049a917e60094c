package io.jcompose.scheduler.command;

import io.jcompose.compose.Positions;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.RunOptions;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.OneOff;
import io.jcompose.scheduler.desired.Translation;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.execute.Preflight;
import io.jcompose.scheduler.execute.Undo;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.Reconciler;
import java.util.Map;
import java.util.Set;

/**
 * {@code run}: makes a one-off container of a service, after its dependencies are up. Nothing is
 * written down of it: one that a crash interrupts is not gone on with.
 */
public record RunCommand(EnginePorts ports) {

  /**
   * Pulls the images, waits for its turn and makes the one-off container.
   *
   * @param selected names of the services whose images are wanted
   * @return its id
   */
  public String carryOut(
      Translation translation, Set<String> selected, RunOptions options, CommandContext context) {
    Desired desired = translation.desired().withVolumes(options.service(), options.namedVolumes());
    Positions positions = translation.positions();
    Map<String, String> ids =
        context
            .images()
            .resolve(
                new ImageNeeds(
                    desired.services(selected),
                    translation.builds(),
                    options.pull(),
                    options.building(),
                    options.why()),
                there -> checkSpecs(desired, options, there, positions));
    context.enter();
    return make(desired, options, ids, context.at(positions));
  }

  /**
   * Refuses a one-off container that its specification, or those around it, rule out; needs no
   * turn.
   *
   * @param imageIds of the images that are there
   */
  private void checkSpecs(
      Desired desired, RunOptions options, Map<String, String> imageIds, Positions positions) {
    ContainerSpec spec = oneOff(desired, options, imageIds);
    checkOptions(desired, options, imageIds, spec);
    Preflight.checkSpecs(ports, plan(desired, options, imageIds, spec), positions);
  }

  private String make(
      Desired desired, RunOptions options, Map<String, String> ids, CommandContext context) {
    ContainerSpec spec = oneOff(desired, options, ids);
    checkOptions(desired, options, ids, spec);
    ProjectPlan plan = plan(desired, options, ids, spec);
    Preflight.check(ports, plan, context.positions(), context.progress());
    Undo undo = new Undo(plan, context.operations());
    try {
      context.execute(plan, undo);
    } catch (RuntimeException e) {
      undo.undo();
      throw e;
    }
    return context
        .operations()
        .results()
        .container(spec.name())
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + spec.name()));
  }

  private void checkOptions(
      Desired desired, RunOptions options, Map<String, String> ids, ContainerSpec spec) {
    RunOptions plain = RunOptions.of(options.service(), options.command());
    Preflight.checkOptions(ports, spec, oneOff(desired, plain, ids));
  }

  private static ContainerSpec oneOff(
      Desired desired, RunOptions options, Map<String, String> ids) {
    Desired.Service service = desired.services().get(options.service());
    if (service == null) {
      throw new JcomposeException.NotFound("no such service: " + options.service());
    }
    String imageId = ids.getOrDefault(service.template().image(), "");
    return new OneOff(desired, service, options).spec(imageId);
  }

  private ProjectPlan plan(
      Desired desired, RunOptions options, Map<String, String> ids, ContainerSpec spec) {
    Observed observed = ports.observe(desired.project(), desired, ids);
    UpOptions up = UpOptions.DEFAULT.forRun(options);
    return Reconciler.run(desired, observed, up, options.service(), spec);
  }
}
