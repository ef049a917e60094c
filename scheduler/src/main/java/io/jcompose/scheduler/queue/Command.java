package io.jcompose.scheduler.queue;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.queue.CommandQueue.Manner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One command on a project: whether it may go on, and what its threads do. It begins, gets its
 * {@link CommandQueue} by {@link #enter}, and is closed by its caller. While all of its threads
 * only wait, the turn is lent to others. One that is ended by another finishes its calls in
 * progress and begins no more. Thread-safe.
 */
public final class Command implements CommandQueue.Member, AutoCloseable {
  /** What is shorter need not be told. */
  private static final long SILENT_MILLIS = 1000;

  private static final long LOOK_AGAIN_MILLIS = 60_000;

  private static final Set<String> ENDING =
      Set.of("stop", "down", "kill", "rm", "pause", "unpause");

  private final @Nullable CommandQueue queue;
  private final String what;
  private final Manner manner;
  private final Set<Runnable> wakers = ConcurrentHashMap.newKeySet();
  private final Set<Runnable> leaving = ConcurrentHashMap.newKeySet();
  private volatile @Nullable String reason;
  private volatile boolean left;
  private volatile boolean unwanted;
  private volatile boolean owes;
  private volatile boolean entered;
  private volatile boolean ended;
  private int busy; // guarded by the turn's lock, as those below
  private int waiting;
  private int stopping;

  private Command(@Nullable CommandQueue queue, String what, Manner manner) {
    this.queue = queue;
    this.what = what;
    this.manner = manner;
  }

  /**
   * A command that was given just now: it ends others of the project, and is ended by others.
   *
   * @param caller who gave it, and may leave
   */
  public static Command begin(CommandQueue queue, String what, Manner manner, Progress caller) {
    Command command = new Command(queue, what, manner);
    queue.join(command).forEach(other -> other.cancel("gave way to " + what));
    caller.onGone(command::callerLeft);
    return command;
  }

  /** One that needs no turn, and ends with its caller. */
  public static Command withoutTurn(String what, Progress caller) {
    Command command = new Command(null, what, Manner.PATIENT);
    caller.onGone(command::callerLeft);
    return command;
  }

  /** One that needs no turn. */
  public static Command free() {
    return new Command(null, "", Manner.STEADY);
  }

  @Override
  public String what() {
    return what;
  }

  @Override
  public Manner manner() {
    return manner;
  }

  @Override
  public boolean mayStart() {
    return !ENDING.contains(what);
  }

  /**
   * Waits for its turn; tells what it waits for if that takes long.
   *
   * @throws JcomposeException.Cancelled when another command ended it or its caller left
   */
  public void enter(String project, Progress progress) {
    CommandQueue mine = queue;
    if (mine == null) {
      return;
    }
    String row = "Project " + project;
    try {
      String before = mine.enter(this, SILENT_MILLIS);
      boolean told = false;
      while (before != null) {
        if (!told && !before.isEmpty()) {
          told = true;
          progress.report(Progress.Step.of(row, "Waiting", "for `" + before + "` to end"));
        }
        before = mine.enter(this, LOOK_AGAIN_MILLIS);
      }
      if (told) {
        progress.report(Progress.Step.of(row, "Ready"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while waiting for project " + project);
    }
    inTurn(mine, () -> busy++);
    entered = true;
  }

  /** Ends it: its waits, and what it has not begun. */
  @Override
  public void cancel(String why) {
    reason = why;
    wake();
  }

  /** Its caller waits for it no more. */
  public void callerLeft() {
    left = true;
    leaving.forEach(Runnable::run);
    if (!entered) {
      cancel("its caller has left");
    } else if (manner.givesUp()) {
      unwanted = true;
      wake();
    }
  }

  private void wake() {
    wakers.forEach(Runnable::run);
    CommandQueue mine = queue;
    if (mine != null) {
      mine.look();
    }
  }

  @Override
  public void check() {
    String why = reason;
    if (why != null) {
      throw new JcomposeException.Cancelled(why);
    }
  }

  /**
   * As {@link #check}, before something new is made or waited for: also once its caller has left.
   * What replaces or starts what is made already goes on, so that nothing is left half done; and
   * what was stopped to be started again still waits for that, which keeps nobody from the turn.
   */
  public void checkWanted() {
    check();
    if (unwanted && !owes) {
      throw new JcomposeException.Cancelled("its caller has left");
    }
  }

  /**
   * As {@link #check}, before one that finishes what it began goes on to something else: who has
   * left a {@code down} has changed his mind about what it has not removed yet. What was stopped to
   * be started again still is.
   */
  public void checkAttended() {
    check();
    if (left && !manner.givesUp() && !owes) {
      throw new JcomposeException.Cancelled("its caller has left");
    }
  }

  /**
   * Does the work; the action runs when the caller leaves meanwhile, at once if that is so already.
   *
   * @param action may run twice, on any thread
   */
  public void whileAttended(Runnable action, Runnable work) {
    leaving.add(action);
    try {
      if (left) {
        action.run();
      }
      work.run();
    } finally {
      leaving.remove(action);
    }
  }

  /** It stops what ran, to start it again. */
  public void owes() {
    owes = true;
  }

  /** Whether its caller has left, so that nobody goes on with what it does not finish. */
  public boolean isUnwanted() {
    return unwanted;
  }

  /** The waker runs when the command is ended, at once if it is already. */
  public void onCancel(Runnable waker) {
    wakers.add(waker);
    if (reason != null || unwanted) {
      waker.run();
    }
  }

  public void forget(Runnable waker) {
    wakers.remove(waker);
  }

  /** A further thread is at work for it; called by one that is. */
  public void joined() {
    inTurn(queue, () -> busy++);
  }

  /** A thread has done its work, or waits for the others. */
  public void parted() {
    inTurn(
        queue,
        () -> {
          busy--;
          lookIfIdle();
        });
  }

  /** Waits for what may never come, which keeps nobody from the turn. */
  public <T> T waiting(Supplier<T> wait) {
    inTurn(
        queue,
        () -> {
          busy--;
          waiting++;
          lookIfIdle();
        });
    try {
      return wait.get();
    } finally {
      inTurn(queue, () -> goOn(() -> waiting--));
    }
  }

  /** Waits for a process to end, which keeps nobody from the turn who may hasten it. */
  public void stopping(Runnable wait) {
    inTurn(
        queue,
        () -> {
          busy--;
          stopping++;
          lookIfIdle();
        });
    try {
      wait.run();
    } finally {
      inTurn(queue, () -> goOn(() -> stopping--));
    }
  }

  /** Whether all of it waits, and for something that the other need not wait for; with the lock. */
  @Override
  public boolean lendsTo(CommandQueue.Member other) {
    boolean idle = busy == 0 && waiting + stopping > 0;
    return idle
        && (stopping == 0
            || other.manner().overtakes()
            || (other.manner() == Manner.ONE_OFF && what.equals("stop")));
  }

  @Override
  public boolean isEnded() {
    return ended;
  }

  @Override
  public void close() {
    ended = true;
    CommandQueue mine = queue;
    if (mine != null) {
      mine.leave(this);
    }
  }

  private void goOn(Runnable count) {
    CommandQueue mine = queue;
    if (mine != null) {
      mine.regain(this);
    }
    count.run();
    busy++;
  }

  private void lookIfIdle() {
    CommandQueue mine = queue;
    if (mine != null && busy == 0) {
      mine.look();
    }
  }

  private static void inTurn(@Nullable CommandQueue queue, Runnable change) {
    if (queue == null) {
      return;
    }
    queue.lock.lock();
    try {
      change.run();
    } finally {
      queue.lock.unlock();
    }
  }
}
