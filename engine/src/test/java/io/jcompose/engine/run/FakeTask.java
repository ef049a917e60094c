package io.jcompose.engine.run;

import io.jcompose.core.ContainerStats;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.ProcessView;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.engine.spec.Signals;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A task that ends when the test says so. */
public final class FakeTask implements Task {
  private final String id;
  private final TaskListener listener;
  private final Instant startedAt = Instant.now();
  final List<Integer> signals = new ArrayList<>();

  /** Gives its process. */
  public Supplier<Optional<HeldProcess>> process = Optional::empty;

  /** Inodes of log files that were packed. */
  public final BlockingQueue<Long> packed = new LinkedBlockingQueue<>();

  /** How many have asked for a session. */
  final Semaphore attaching = new Semaphore(0);

  /** When they hear that there is none. */
  CountDownLatch attachable = new CountDownLatch(0);

  private @Nullable TaskExit exit;

  public FakeTask(String id, TaskListener listener) {
    this.id = id;
    this.listener = listener;
  }

  /** Tells the end on this thread, as the runtime does on one of its own. */
  void end(int code) {
    exit = new TaskExit(code, 0, false, 0, 0, false, startedAt, Instant.now());
    listener.exited(this, exit);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long pid() {
    return 1;
  }

  @Override
  public Optional<HeldProcess> process() {
    return process.get();
  }

  @Override
  public void signal(int signo) {
    signals.add(signo);
  }

  @Override
  public void killAll() {
    signals.add(Signals.KILL);
    end(137);
  }

  @Override
  public boolean endTraced() {
    return false;
  }

  @Override
  public void pause() {}

  @Override
  public void resume() {}

  @Override
  public boolean isPaused() {
    return false;
  }

  @Override
  public StreamSession exec(ExecSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public StreamSession attach(boolean stdin) {
    attaching.release();
    try {
      attachable.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new UnsupportedOperationException();
  }

  @Override
  public void resize(int rows, int columns) {}

  @Override
  public void logPacked(long inode) {
    packed.add(inode);
  }

  @Override
  public Optional<TaskExit> exit() {
    return Optional.ofNullable(exit);
  }

  @Override
  public void update(Resources before, Resources after) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ContainerStats stats() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ProcessView> processes() {
    return List.of();
  }
}
