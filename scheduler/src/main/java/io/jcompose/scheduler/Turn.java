package io.jcompose.scheduler;

import io.jcompose.core.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The turn of a project: its commands have it one after the other, in the order they came, those
 * that overtake before the others. Whoever has it and only waits, for a condition that may never
 * come true, lends it and asks for it again afterwards; so no wait keeps anybody out. Thread-safe.
 */
final class Turn {
  final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Command> commands = new ArrayList<>(); // guarded by lock, in order
  private final List<Command> wanting = new ArrayList<>(); // guarded by lock, the next first
  private @Nullable Command holder; // guarded by lock

  /** How a command deals with others and with its caller. */
  enum Manner {
    /** Waits for its turn; gives up what it has not begun when its caller leaves. */
    PATIENT,
    /** The same, beside a {@code stop} that waits. */
    ONE_OFF,
    /** Waits for its turn; finishes what it began. */
    STEADY,
    /** Goes first, ends those before it that do not overtake, and finishes what it began. */
    OVERTAKING,
    /** The same, but helps those to their end that finish what they began. */
    KILL;

    boolean overtakes() {
      return this == OVERTAKING || this == KILL;
    }

    boolean givesUp() {
      return this == PATIENT || this == ONE_OFF;
    }

    private boolean ends(Manner other) {
      return overtakes() && (other.givesUp() || (this == OVERTAKING && other == STEADY));
    }
  }

  /**
   * A command that was given just now. From its begin on it ends others and is ended by others; its
   * turn it gets by {@link Command#enter}.
   *
   * @param caller who gave it, and may leave
   */
  Command begin(String what, Manner manner, Progress caller) {
    Command command = new Command(this, what, manner);
    List<Command> before = new ArrayList<>();
    lock.lock();
    try {
      for (Command other : commands) {
        if (manner.ends(other.manner())) {
          before.add(other);
        }
      }
      commands.add(command);
    } finally {
      lock.unlock();
    }
    before.forEach(other -> other.cancel("gave way to " + what));
    caller.onGone(command::callerLeft);
    return command;
  }

  /**
   * Waits for the turn, at most so long.
   *
   * @return null with the turn; else what is in the way
   */
  @Nullable String enter(Command command, long limitMillis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    lock.lock();
    try {
      want(command);
      while (!mayTake(command)) {
        command.check();
        if (left <= 0) {
          return holder == null ? "" : holder.what();
        }
        left = changed.awaitNanos(left);
      }
      command.check();
      take(command);
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the command has its turn again; the caller holds the lock. */
  void regain(Command command) {
    while (holder != command && !command.isEnded()) {
      want(command);
      if (mayTake(command)) {
        take(command);
      } else {
        changed.awaitUninterruptibly();
      }
    }
  }

  /** Ends a command's part in it. */
  void leave(Command command) {
    lock.lock();
    try {
      commands.remove(command);
      wanting.remove(command);
      if (holder == command) {
        holder = null;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits while there are commands that may start containers.
   *
   * @throws InterruptedException when whoever waits need not wait any more
   */
  void awaitNoStarts() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (commands.stream().anyMatch(Command::mayStart)) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether such a command is under way. */
  boolean has(String what) {
    lock.lock();
    try {
      return commands.stream().anyMatch(command -> command.what().equals(what));
    } finally {
      lock.unlock();
    }
  }

  /** Lets those who wait look again. */
  void look() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void want(Command command) {
    if (wanting.contains(command)) {
      return;
    }
    int place = wanting.size();
    if (command.manner().overtakes()) {
      place = 0;
      while (place < wanting.size() && wanting.get(place).manner().overtakes()) {
        place++;
      }
    }
    wanting.add(place, command);
  }

  /** The first of those to whom the holder's turn is open now. */
  private boolean mayTake(Command command) {
    Command now = holder;
    for (Command next : wanting) {
      if (now == null || now.lendsTo(next)) {
        return next == command;
      }
    }
    return false;
  }

  private void take(Command command) {
    wanting.remove(command);
    holder = command;
    changed.signalAll();
  }
}
