package io.jcompose.runtime;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupWarmer;
import io.jcompose.runtime.cgroup.LostLimits;
import io.jcompose.runtime.compile.ExecTemplate;
import io.jcompose.runtime.compile.SpecChecks;
import io.jcompose.runtime.compile.TaskCompiler;
import io.jcompose.runtime.device.DeviceGuard;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.oci.OciBundle;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.AppArmor;
import io.jcompose.runtime.security.SecurityOptions;
import io.jcompose.runtime.shim.ExitRecord;
import io.jcompose.runtime.shim.Failure;
import io.jcompose.runtime.shim.Frames;
import io.jcompose.runtime.shim.Launcher;
import io.jcompose.runtime.shim.RunDirectories;
import io.jcompose.runtime.shim.ShimAdoption;
import io.jcompose.runtime.shim.ShimConnection;
import io.jcompose.runtime.task.LiveTask;
import io.jcompose.runtime.task.LogTail;
import io.jcompose.runtime.task.TaskStatistics;
import io.jcompose.runtime.user.ProcessUser;
import io.jcompose.runtime.user.UserLookup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts tasks and finds them again. One per engine; safe for use by many threads, which should be
 * virtual. Closing it leaves the tasks running.
 */
public final class TaskRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRuntime.class);
  private static final String TEMPLATE = "exec-template"; // in a bundle

  /** More than all limits of a shim together: launch.c, oci.c. */
  private static final Duration START_LIMIT = Duration.ofSeconds(150);

  private final RuntimeConfig config;
  private final RunDirectories runDirs;
  private final CgroupLayout cgroups;
  private final DeviceGuard guard;
  private final Launcher launcher;
  private final Map<String, LiveTask> tasks = new ConcurrentHashMap<>();
  private final CgroupWarmer warmer;
  private final UserLookup users = new UserLookup();

  private TaskRuntime(RuntimeConfig config) {
    this.config = config;
    this.runDirs = new RunDirectories(config.runDir());
    CgroupHost host = CgroupHost.detect();
    this.guard = host.v2().isPresent() ? DeviceGuard.open() : DeviceGuard.NONE;
    this.cgroups =
        new CgroupLayout(guard.works() ? host.without("devices") : host, config.cgroupRoot());
    this.warmer = new CgroupWarmer(cgroups.host());
    this.launcher = new Launcher(config.shimBinary(), config.runDir());
  }

  /** One without launcher and cgroups, which can take tasks over but start none. */
  static TaskRuntime unprepared(RuntimeConfig config) {
    return new TaskRuntime(config);
  }

  /** Prepares directories and cgroups, and starts the launcher process. */
  public static TaskRuntime open(RuntimeConfig config) {
    TaskRuntime runtime = new TaskRuntime(config);
    runtime.runDirs.prepare();
    runtime.cgroups.prepare();
    runtime.launcher.ensureRunning();
    return runtime;
  }

  /**
   * Why this machine cannot run such a container, as far as its spec shows: limits, devices, kernel
   * parameters, mount points. Changes nothing. Empty when nothing speaks against it.
   */
  public List<JcomposeException> problems(ContainerSpec spec) {
    return SpecChecks.of(spec, cgroups, config.runtimes());
  }

  /** True for a container that another OCI runtime makes, which puts it in no user namespace. */
  public static boolean needsHostsUsers(ContainerSpec spec) {
    return OciRuntime.isWanted(spec);
  }

  /** What the container does without because this machine has no means for it; mostly empty. */
  public List<String> warnings(ContainerSpec spec) {
    List<String> warnings = new ArrayList<>(LostLimits.of(cgroups.host()).of(spec.resources()));
    SecurityOptions options = SecurityOptions.parse(spec.security().securityOpt());
    String confinement = AppArmor.HERE.warning(options.appArmor(), spec.security().privileged());
    if (!confinement.isEmpty()) {
      warnings.add(confinement);
    }
    return warnings;
  }

  /**
   * Says that a start or exec is likely within the next 10 ms: on cgroup v1 the kernel's wait
   * before a process may change its cgroup then overlaps with the caller's other work. Does not
   * block.
   */
  public void warm() {
    warmer.warm();
  }

  /**
   * A new user namespace for a task, which must be started before it is closed.
   *
   * @param network with a network namespace that belongs to it
   * @throws JcomposeException.Unavailable when the kernel gives none
   */
  public HeldNamespaces namespaces(IdMap ids, boolean network) {
    return HeldNamespaces.make(launcher.connect(), UserNamespace.HOST, ids, network);
  }

  /** As {@link #namespaces(IdMap, boolean)}, but in the user namespace of another task. */
  public HeldNamespaces namespaces(UserNamespace of, boolean network) {
    return HeldNamespaces.make(launcher.connect(), of, of.ids(), network);
  }

  /**
   * Starts a task. Returns when its program has been executed.
   *
   * @throws JcomposeException.CommandFailed when the program cannot be executed; the message has
   *     Docker's words
   * @throws JcomposeException.InvalidArgument for limits above the machine's and the like
   * @throws JcomposeException.Internal for a failed kernel call, named with its step
   */
  public Task start(TaskSpec spec, TaskListener listener) {
    return start(spec, listener, 0);
  }

  /**
   * As {@link #start(TaskSpec, TaskListener)}, but holds the task's output back until {@link
   * Task#attach} was called so often, so that those sessions miss none of it, not even of a program
   * that ends at once. Gives up holding after five seconds.
   *
   * @param attaches 0 to 16
   */
  public Task start(TaskSpec spec, TaskListener listener, int attaches) {
    Path runDir = runDirs.of(spec.id());
    DeviceNodes devices = DeviceNodes.of(spec.spec().security());
    CgroupLayout groups = preparedBelow(spec.spec().security().cgroupParent());
    ProcessUser user =
        users.find(spec.rootfs(), spec.mounts(), spec.user(), spec.spec().process().groupAdd());
    TaskCompiler.Compiled compiled =
        TaskCompiler.compile(spec, user, devices, groups, runDir, preparedLog(spec), attaches);
    TaskPlan plan = planOf(spec, compiled.plan(), devices, groups, runDir);
    byte[] encoded = plan.encode();
    prepareBundle(spec, compiled.template());
    guardDevices(groups, spec.id(), devices.rules());
    ShimConnection connection = connectToShim(groups, spec.id());
    try {
      LiveTask task =
          new LiveTask(
              spec.id(),
              spec.bundleDir(),
              runDir,
              groups,
              compiled.template(),
              users,
              connection,
              handOver(plan, encoded, connection, spec));
      manage(task, listener);
      return task;
    } catch (IOException e) {
      connection.close();
      discard(spec.id(), groups); // a shim that is late finds no group to start anything in
      throw new JcomposeException.Internal(
          "failed to start " + spec.id() + ": lost the shim: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      connection.close();
      groups.remove(spec.id()); // the shim has removed those that it came to
      RunDirectories.remove(runDir);
      throw e;
    }
  }

  /** Gives the number of the file that is rotated next. */
  private static int preparedLog(TaskSpec spec) {
    Path file = spec.log().file();
    if (file == null) {
      return 0;
    }
    LogTail.cutTornRecord(file);
    try {
      return LogFiles.prepare(file, spec.log().maxFiles());
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to prepare " + file + ": " + e.getMessage(), e);
    }
  }

  /** What the shim and a later engine need on the disk and in the run directory. */
  private void prepareBundle(TaskSpec spec, ExecTemplate template) {
    try {
      ExitRecord.prepare(spec.bundleDir());
      Files.createDirectories(runDirs.of(spec.id()));
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to prepare the start of " + spec.id() + ": " + e.getMessage(), e);
    }
    try {
      StateFile.writeVolatile(spec.bundleDir().resolve(TEMPLATE), template.encode());
    } catch (JcomposeException e) { // a full disk is no reason not to start
      LOG.warn("after a restart of the engine no program can be run in {}", spec.id(), e);
    }
  }

  private CgroupLayout preparedBelow(String cgroupParent) {
    CgroupLayout groups = cgroups.below(cgroupParent);
    if (groups != cgroups) {
      groups.prepare();
    }
    return groups;
  }

  /** Blocks until the program has been executed; gives the payload of STARTED. */
  private static ByteBuffer handOver(
      TaskPlan plan, byte[] encoded, ShimConnection connection, TaskSpec spec) throws IOException {
    ShimConnection.Frame frame =
        connection.within(
            START_LIMIT,
            () -> {
              connection.send(Frames.PLAN, 0, encoded, 0, encoded.length);
              return connection.read();
            });
    if (frame == null) {
      throw new IOException("the shim ended (plan of " + encoded.length + " bytes)");
    }
    if (frame.type() == Frames.FAILED) {
      throw Failure.decode(frame.data(), plan).toException(spec.id(), spec.spec().image());
    }
    return frame.data();
  }

  /** The plan of the shim's own making, or the one by which another runtime makes the same. */
  private TaskPlan planOf(
      TaskSpec spec, TaskPlan own, DeviceNodes devices, CgroupLayout groups, Path runDir) {
    if (!OciRuntime.isWanted(spec.spec())) {
      return own;
    }
    OciRuntime.refuseUnsupported(spec.spec());
    OciRuntime other = OciRuntime.find(spec.spec().security().runtime(), config.runtimes());
    return new OciBundle(spec, other, groups, runDir).plan(own, devices);
  }

  /** The group is made here, earlier than the shim would, so that its filter is there first. */
  private void guardDevices(CgroupLayout groups, String id, List<DeviceRule> rules) {
    if (guard.works()) {
      Path group = groups.unifiedGroup(id).orElseThrow();
      try {
        Files.createDirectories(group);
        guard.attach(group, rules);
      } catch (IOException e) {
        throw new JcomposeException.Internal(
            "failed to make cgroup " + group + ": " + e.getMessage(), e);
      } catch (RuntimeException e) {
        groups.remove(id);
        throw e;
      }
    } else if (groups.host().v1().get("devices") == null && !rules.equals(DeviceRule.EVERYTHING)) {
      throw new JcomposeException.NotSupported(
          "the kernel can neither filter devices by eBPF (CONFIG_CGROUP_BPF) nor by cgroup v1:"
              + " only privileged containers can run");
    }
  }

  private ShimConnection connectToShim(CgroupLayout groups, String id) {
    try {
      return launcher.connect();
    } catch (RuntimeException e) {
      groups.remove(id);
      throw e;
    }
  }

  private void manage(LiveTask task, TaskListener listener) {
    tasks.put(task.id(), task);
    task.watch(
        new TaskListener() {
          @Override
          public void exited(Task ended, TaskExit exit) {
            tasks.remove(task.id(), task);
            listener.exited(ended, exit);
          }

          @Override
          public void logRotated(Task rotated) {
            listener.logRotated(rotated);
          }
        });
  }

  /**
   * Takes over a task that another engine process started. Several may be taken over at a time.
   *
   * @param cgroupParent as in its specification, mostly empty
   * @return empty when no shim lives; its end is then known by {@link #exitOf}
   * @throws JcomposeException.Timeout when its shim lives and did not answer within two seconds
   *     (connecting, ten): nothing was changed, and a later call may succeed. {@link #sweep} must
   *     know its id until then
   */
  public Optional<Task> adopt(
      String id, Path bundleDir, String cgroupParent, TaskListener listener) {
    CgroupLayout groups = cgroups.below(cgroupParent);
    Optional<Task> task = adopt(id, bundleDir, groups, listener);
    if (task.isEmpty()) {
      RunDirectories.remove(runDirs.of(id));
    }
    if (task.isEmpty() && groups != cgroups) { // what sweep does not see
      groups.kill(id);
      groups.remove(id);
    }
    return task;
  }

  private Optional<Task> adopt(
      String id, Path bundleDir, CgroupLayout groups, TaskListener listener) {
    Path runDir = runDirs.of(id);
    return ShimAdoption.of(id, runDir)
        .map(
            shim -> {
              LiveTask task =
                  new LiveTask(
                      id,
                      bundleDir,
                      runDir,
                      groups,
                      templateOf(id, bundleDir, shim.meta()),
                      users,
                      shim.connection(),
                      shim.started());
              manage(task, listener);
              return task;
            });
  }

  /**
   * Null when there is none, or a newer engine wrote it: all but a further program works without.
   *
   * @param kept by an older shim; empty else
   */
  private static @Nullable ExecTemplate templateOf(String id, Path bundleDir, byte[] kept) {
    try {
      return ExecTemplate.decode(
          kept.length > 0 ? kept : Files.readAllBytes(bundleDir.resolve(TEMPLATE)));
    } catch (IOException | JcomposeException.Corrupt e) {
      LOG.warn("no program can be run in {} until it is restarted: {}", id, e.toString());
      return null;
    }
  }

  /** The end that a shim recorded for the last run in this bundle; empty when there is none. */
  public Optional<TaskExit> exitOf(Path bundleDir) {
    return ExitRecord.read(bundleDir);
  }

  /** Records that a task has ended and that nobody knows how; {@link #exitOf} then says so. */
  public void recordLost(String id, Path bundleDir, @Nullable Instant startedAt) {
    ExitRecord.writeLost(bundleDir, id, startedAt == null ? Instant.now() : startedAt);
  }

  /** The processes in a task's cgroups, by their ids on the host; empty when none is left. */
  public List<Long> processesOf(String id, String cgroupParent) {
    return new TaskStatistics(cgroups.below(cgroupParent), id, Path.of("/proc")).processes();
  }

  /** Kills and removes what is left of one task, whatever its shim says. */
  public void discard(String id, String cgroupParent) {
    discard(id, cgroups.below(cgroupParent));
  }

  private void discard(String id, CgroupLayout groups) {
    groups.kill(id);
    groups.remove(id);
    RunDirectories.remove(runDirs.of(id));
  }

  /** Kills and removes what is left of tasks of this engine that are not among the known ids. */
  public void sweep(Set<String> knownIds) {
    for (String id : cgroups.ids()) {
      if (!knownIds.contains(id)) {
        LOG.info("removing what is left of task {}", id);
        cgroups.kill(id);
        cgroups.remove(id);
      }
    }
    runDirs.keepOnly(knownIds);
  }

  /** Lets go of the tasks, which run on, and ends the launcher. */
  @Override
  public void close() {
    warmer.close();
    tasks.values().forEach(LiveTask::release);
    tasks.clear();
    launcher.close();
    guard.close();
    cgroups.removeRoots();
  }
}
