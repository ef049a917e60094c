package io.jcompose.runtime.oci;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.OciRuntime;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A container as another OCI runtime takes it: a directory {@code oci} in the container's own, with
 * config.json and the place of its files. Those are mounted there only for the runtime's eyes, so
 * nothing of it is left on the host whatever happens.
 */
public final class OciBundle {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TaskSpec task;
  private final OciRuntime runtime;
  private final CgroupLayout groups;
  private final Path runDir;
  private final Path bundle;
  private final Path rootfs;

  public OciBundle(TaskSpec task, OciRuntime runtime, CgroupLayout groups, Path runDir) {
    this.task = task;
    this.runtime = runtime;
    this.groups = groups;
    this.runDir = runDir;
    this.bundle = task.bundleDir().resolve("oci");
    this.rootfs = bundle.resolve("rootfs");
  }

  /**
   * Writes the bundle, and gives the plan by which the shim has the runtime make the container.
   *
   * @param own the plan by which the shim would make it itself
   */
  public TaskPlan plan(TaskPlan own, DeviceNodes devices) {
    write(
        OciConfig.of(
            own,
            SeccompProfile.of(task.spec().security()),
            rootfs,
            groups.group(Path.of("/"), task.id()),
            devices.rules()));
    TaskPlan plan = new TaskPlan();
    own.steps().forEach(step -> addShims(step, plan));
    addCommand(
        plan,
        "create",
        "--bundle",
        bundle.toString(),
        "--pid-file",
        pidFile().toString(),
        task.id());
    return plan;
  }

  /** Adds a step that stays the shim's, with what must be said before the root. */
  private void addShims(Step step, TaskPlan plan) {
    switch (step) {
      case Step.Task task -> plan.add(task.cloning(CloneFlags.NEWNS));
      case Step.Cgroup group -> plan.add(group.withoutClone());
      case Step.Overlay root -> {
        addCommands(plan);
        plan.add(Step.Simple.ROOT_SLAVE).add(root.attachedTo(rootfs));
      }
      case Step.Log _, Step.Write _, Step.FileLabel _ -> plan.add(step);
      case Step.Hold _, Step.Runtime _ -> {}
      case Step.OfFiles _, Step.OfProcess _, Step.Simple _ -> {}
    }
  }

  private Path pidFile() {
    return runDir.resolve("oci.pid");
  }

  private void addCommands(TaskPlan plan) {
    TaskPlan start = new TaskPlan().add(Step.Simple.ROOT_SLAVE);
    addCommand(start, "start", task.id());
    TaskPlan delete = new TaskPlan().add(Step.Simple.ROOT_SLAVE);
    addCommand(delete, "delete", "--force", task.id());
    plan.add(new Step.Runtime(pidFile(), start.encodeChild(), delete.encodeChild()));
  }

  private void addCommand(TaskPlan plan, String... words) {
    CgroupHost host = groups.host();
    if (host.v2().isPresent() && !host.v1().isEmpty()) {
      // crun refuses machines with both versions. It need not know: the shim joins the groups.
      plan.add(new Step.Cover(host.v2().get()));
    }
    plan.add(new Step.OomScore(0));
    plan.add(new Step.Streams(0));
    plan.add(new Step.User("root", 0, 0, List.of(0)));
    plan.add(
        new Step.Exec(
            false,
            runtime.command(runDir.resolve("oci"), words),
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")));
  }

  private void write(ObjectNode config) {
    try {
      Files.createDirectories(rootfs);
      Files.write(bundle.resolve("config.json"), JSON.writeValueAsBytes(config));
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to write the OCI bundle " + bundle + ": " + e.getMessage(), e);
    }
  }
}
