package io.jcompose.scheduler.execute;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.plan.Operation;

/**
 * The part of {@link Operations} that makes and removes what containers share: networks, volumes
 * and images. One object an operation; immutable.
 */
record SharedOperations(EnginePorts ports, StepReporter reports, StepResults results) {

  void create(Operation.CreateNetwork op) {
    reports.reported("Network " + op.spec().name(), "Creating", "", "Created", () -> make(op));
  }

  private void make(Operation.CreateNetwork op) {
    try {
      results.madeNetwork(op.spec().name(), ports.networks().create(op.spec()));
    } catch (JcomposeException.Conflict e) {
      // Two projects may ask for one network at the same time; the loser uses it.
      if (ports.networks().find(op.spec().name()).isEmpty()) {
        throw e;
      }
    }
  }

  void create(Operation.CreateVolume op) {
    reports.reported("Volume " + op.spec().name(), "Creating", "", "Created", () -> make(op));
  }

  private void make(Operation.CreateVolume op) {
    VolumeView volume = ports.volumes().create(op.spec());
    // Another project may have made one of this name meanwhile; it is used, but not ours.
    if (volume.spec().labels().equals(op.spec().labels())) {
      results.madeVolume(volume);
    }
  }

  void replace(Operation.ReplaceNetwork op) {
    String row = "Network " + op.spec().name();
    reports.reported(
        row, "Removing", "", "Removed", () -> ports.networks().remove(op.former().id()));
    try {
      reports.reported(row, "Creating", "", "Created", () -> ports.networks().create(op.spec()));
    } catch (RuntimeException e) {
      try {
        ports.networks().create(op.former().spec());
        reports.report(row, "Warning", "the former one is back");
      } catch (RuntimeException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  void remove(Operation.RemoveNetwork op) {
    String id = "Network " + op.name();
    if (ports.isNamedByContainers(op.name())) {
      reports.report(id, "Resource is still in use", "");
      return;
    }
    reports.report(id, "Removing", "");
    try {
      ports.networks().remove(op.id());
      reports.report(id, "Removed", "");
    } catch (JcomposeException.Conflict e) {
      reports.report(id, "Resource is still in use", "");
    }
  }

  void remove(Operation.RemoveVolume op) {
    String id = "Volume " + op.name();
    reports.report(id, "Removing", "");
    try {
      ports.volumes().remove(op.name());
      reports.report(id, "Removed", "");
    } catch (JcomposeException.Conflict e) {
      reports.report(id, "Resource is still in use", "");
    }
  }

  void remove(Operation.RemoveImage op) {
    String id = "Image " + op.reference();
    reports.report(id, "Removing", "");
    try {
      ports.images().remove(op.reference(), false);
      reports.report(id, "Removed", "");
    } catch (JcomposeException.NotFound e) {
      reports.report(id, "Warning", "No resource found to remove");
    } catch (JcomposeException.Conflict e) {
      reports.report(id, "Resource is still in use", "");
    }
  }
}
