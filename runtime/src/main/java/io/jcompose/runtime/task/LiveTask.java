package io.jcompose.runtime.task;

import io.jcompose.core.ContainerStats;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskListener;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupUpdate;
import io.jcompose.runtime.compile.ExecTemplate;
import io.jcompose.runtime.shim.ExitRecord;
import io.jcompose.runtime.shim.Frames;
import io.jcompose.runtime.shim.RunDirectories;
import io.jcompose.runtime.shim.ShimConnection;
import io.jcompose.runtime.shim.ShimWatch;
import io.jcompose.runtime.user.UserLookup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task with a live connection to its shim, on which a virtual thread waits for the end. */
public final class LiveTask implements Task {
  private static final Logger LOG = LoggerFactory.getLogger(LiveTask.class);
  private static final Path PROC = Path.of("/proc");
  private static final long FREEZE_LIMIT_NANOS = 10_000_000_000L;

  private final String id;
  private final Path bundleDir;
  private final Path runDir;
  private final CgroupLayout cgroups;
  private final ShimWatch shim;
  private final long pid;
  private final Optional<ProcessHandle> first; // knows when it began
  private final int shimVersion;
  private final Instant startedAt;
  private final TaskSessions sessions;
  private volatile @Nullable TaskExit exit;

  public LiveTask(
      String id,
      Path bundleDir,
      Path runDir,
      CgroupLayout cgroups,
      @Nullable ExecTemplate template,
      UserLookup users,
      ShimConnection connection,
      ByteBuffer started) {
    this.id = id;
    this.bundleDir = bundleDir;
    this.runDir = runDir;
    this.cgroups = cgroups;
    this.shim = new ShimWatch(id, runDir, connection);
    this.pid = Integer.toUnsignedLong(started.getInt());
    this.first = ProcessHandle.of(pid);
    this.shimVersion = started.getInt();
    this.startedAt = Frames.instant(started.getLong());
    this.sessions =
        new TaskSessions(
            id,
            this::running,
            runDir.resolve("ctl"),
            shimVersion,
            template,
            users,
            new TaskStatistics(cgroups, id, PROC));
  }

  /** Begins to wait for the end. */
  public void watch(TaskListener listener) {
    Thread.ofVirtual().name("task-" + Ids.brief(id)).start(() -> awaitEnd(listener));
  }

  private void awaitEnd(TaskListener listener) {
    TaskExit end = shim.awaitEnd(startedAt, () -> listener.logRotated(this));
    if (shim.isReleased()) {
      return;
    }
    if (end != null) {
      cgroups.clear(id);
      RunDirectories.remove(runDir);
    }
    exit = end == null ? endWithoutShim() : end;
    listener.exited(this, exit);
  }

  /**
   * The shim is gone without a word: its record if it wrote one, else the end is not known. It is
   * reported in any case, also where it cannot be recorded.
   */
  private TaskExit endWithoutShim() {
    try {
      cgroups.kill(id);
      cgroups.remove(id);
      RunDirectories.remove(runDir);
      return ExitRecord.read(bundleDir)
          .orElseGet(() -> ExitRecord.writeLost(bundleDir, id, startedAt));
    } catch (RuntimeException e) {
      LOG.error("cannot record that the shim of {} was lost: {}", id, e.toString());
      return ExitRecord.lost(startedAt);
    }
  }

  /** Lets go of the task, which runs on. */
  public void release() {
    shim.release();
  }

  private void send(String what, int type, int argument, byte[] data) {
    if (exit == null) {
      shim.send(what, type, argument, data);
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public Optional<HeldProcess> process() {
    return exit == null
        ? first.flatMap(process -> HeldProcess.ofTask(id, process))
        : Optional.empty();
  }

  private HeldProcess running() {
    return process().orElseThrow(this::notRunning);
  }

  @Override
  public void signal(int signo) {
    send("signal " + signo, Frames.SIGNAL, signo, new byte[0]);
  }

  @Override
  public void killAll() {
    if (exit == null) {
      cgroups.kill(id);
    }
  }

  @Override
  public boolean endTraced() {
    return exit == null
        && first.flatMap(TracedEnd::waitingShim).map(ProcessHandle::destroyForcibly).orElse(false);
  }

  @Override
  public void pause() {
    freeze(true);
  }

  @Override
  public void resume() {
    freeze(false);
  }

  private void freeze(boolean frozen) {
    if (exit != null && frozen) {
      throw notRunning();
    }
    Optional<Path> unified = cgroups.unifiedGroup(id);
    Path file =
        unified.isPresent()
            ? unified.get().resolve("cgroup.freeze")
            : cgroups.groupOf("freezer", id).orElseThrow().resolve("freezer.state");
    try {
      if (unified.isPresent()) {
        CgroupHost.write(file, frozen ? "1" : "0");
      } else {
        CgroupHost.write(file, frozen ? "FROZEN" : "THAWED");
      }
    } catch (IOException e) {
      if (!Files.exists(file)) { // it has just ended; SIGKILL needs no thaw with cgroup v2
        return;
      }
      throw new JcomposeException.Internal(
          "failed to " + (frozen ? "freeze " : "thaw ") + id + ": " + e.getMessage(), e);
    }
    long limit = System.nanoTime() + FREEZE_LIMIT_NANOS;
    while (frozen && exit == null && !isPaused()) {
      if (System.nanoTime() > limit) {
        freeze(false);
        throw new JcomposeException.Timeout("could not freeze " + id + " within 10 s");
      }
      LockSupport.parkNanos(
          1_000_000); // cgroup.events can be watched by poll, but a thread costs more
    }
  }

  @Override
  public boolean isPaused() {
    try {
      Optional<Path> unified = cgroups.unifiedGroup(id);
      return unified.isPresent()
          ? Files.readString(unified.get().resolve("cgroup.events")).contains("frozen 1")
          : Files.readString(cgroups.groupOf("freezer", id).orElseThrow().resolve("freezer.state"))
              .startsWith("FROZEN");
    } catch (IOException e) {
      return false; // gone with the task
    }
  }

  @Override
  public StreamSession exec(ExecSpec spec) {
    if (exit != null) {
      throw notRunning();
    }
    if (isPaused()) {
      throw new JcomposeException.Conflict(
          "Container " + id + " is paused, unpause the container before exec");
    }
    return sessions.exec(spec);
  }

  @Override
  public StreamSession attach(boolean stdin) {
    if (exit != null) {
      throw notRunning();
    }
    return sessions.attach(stdin);
  }

  private JcomposeException notRunning() {
    return new JcomposeException.Conflict("Container " + id + " is not running");
  }

  @Override
  public void resize(int rows, int columns) {
    send("its terminal's size", Frames.RESIZE, 0, Frames.size(rows, columns));
  }

  @Override
  public void logPacked(long inode) {
    if (shimVersion < Frames.VERSION_OF_PACKING || shimVersion >= Frames.VERSION_OF_ENDED) {
      return;
    }
    byte[] number =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(inode).array();
    send("word of its packed log", Frames.OLDER_LOG_PACKED, 0, number);
  }

  @Override
  public Optional<TaskExit> exit() {
    return Optional.ofNullable(exit);
  }

  @Override
  public void update(Resources before, Resources after) {
    if (exit != null) {
      throw notRunning();
    }
    new CgroupUpdate(cgroups, id).apply(before, after);
  }

  @Override
  public ContainerStats stats() {
    try (HeldProcess process = running()) {
      return statistics().read(process.path());
    }
  }

  @Override
  public List<ProcessView> processes() {
    return new ProcessTable(PROC, Path.of("/etc/passwd")).read(statistics().processes());
  }

  private TaskStatistics statistics() {
    if (exit != null) {
      throw notRunning();
    }
    return new TaskStatistics(cgroups, id, PROC);
  }
}
