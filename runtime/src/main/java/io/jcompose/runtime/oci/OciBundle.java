package io.jcompose.runtime.oci;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.OciRuntime;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.compile.ExecTemplate;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A container as another OCI runtime takes it: a directory {@code oci} in the container's own, with
 * config.json and the place of its files. Those are mounted there only for the runtime's eyes, so
 * nothing of it is left on the host whatever happens.
 */
public final class OciBundle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CLONE_INTO = 2;

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
    OciUser user = OciUser.find(task.rootfs(), task.user(), task.spec().process().groupAdd());
    write(
        OciConfig.of(
            own,
            user,
            SeccompProfile.of(task.spec().security()),
            rootfs,
            groups.group(Path.of("/"), task.id()),
            devices.rules()));
    TaskPlan plan = new TaskPlan();
    for (TaskPlan.Step step : own.steps()) {
      List<Object> arguments = new ArrayList<>(step.arguments());
      switch (step.op()) {
        case TASK -> arguments.set(arguments.size() - 1, (long) CloneFlags.NEWNS);
        case CGROUP -> arguments.set(1, (int) arguments.get(1) & ~CLONE_INTO);
        case OVERLAY -> arguments.set(arguments.size() - 2, rootfs.toString());
        case META, LOG, WRITE, FILE_LABEL -> {}
        default -> arguments.clear();
      }
      if (step.op() == TaskPlan.Op.OVERLAY) {
        addCommands(plan);
        plan.add(TaskPlan.Op.ROOT_SLAVE);
      }
      if (!arguments.isEmpty()) {
        plan.add(step.op(), arguments.toArray());
      }
    }
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

  private Path pidFile() {
    return runDir.resolve("oci.pid");
  }

  private void addCommands(TaskPlan plan) {
    TaskPlan start = new TaskPlan().add(TaskPlan.Op.ROOT_SLAVE);
    addCommand(start, "start", task.id());
    TaskPlan delete = new TaskPlan().add(TaskPlan.Op.ROOT_SLAVE);
    addCommand(delete, "delete", "--force", task.id());
    plan.add(TaskPlan.Op.RUNTIME, pidFile().toString(), start.encode(), delete.encode());
  }

  private void addCommand(TaskPlan plan, String... words) {
    CgroupHost host = groups.host();
    if (host.v2().isPresent() && !host.v1().isEmpty()) {
      // crun refuses machines with both versions. It need not know: the shim joins the groups.
      plan.add(TaskPlan.Op.COVER, host.v2().get().toString());
    }
    plan.add(TaskPlan.Op.OOM_SCORE, "0");
    plan.add(TaskPlan.Op.USER, "", "", 0);
    ExecTemplate.addExec(
        plan,
        runtime.command(runDir.resolve("oci"), words),
        List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        false);
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
