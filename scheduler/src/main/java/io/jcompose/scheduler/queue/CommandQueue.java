package io.jcompose.scheduler.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a project's commands: they have the turn one after the other, in the order they
 * came, those that overtake before the others. A command that has it and only waits, for a
 * condition that may never come true, lends it and asks for it again afterwards; so no wait keeps
 * any other out. Thread-safe.
 */
public final class CommandQueue {
  final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Member> members = new ArrayList<>(); // guarded by lock, in order
  private final List<Member> wanting = new ArrayList<>(); // guarded by lock, the next first
  private @Nullable Member holder; // guarded by lock

  /** How a command deals with others and with its caller. */
  public enum Manner {
    /** Waits for its turn; gives up what it has not begun when its caller leaves. */
    PATIENT,
    /** The same, beside a {@code stop} that waits. */
    ONE_OFF,
    /** Waits for its turn; finishes the step that it began when its caller leaves. */
    STEADY,
    /** Goes first, ends those before it that do not overtake; a caller as STEADY's. */
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

  /** One that takes its turn. All but {@link #lendsTo} may be called with and without the lock. */
  interface Member {
    /** The word that a person gave it by. */
    String what();

    Manner manner();

    /** Whether containers may run by it that do not run now. */
    boolean mayStart();

    boolean isEnded();

    /** Whether its turn is open to the other now; called with the lock. */
    boolean lendsTo(Member other);

    /** Throws Cancelled once {@link #cancel} was called. */
    void check();

    void cancel(String why);
  }

  /**
   * Takes in a member that was made just now. From now on it ends others and is ended by others.
   *
   * @return those before it that it ends
   */
  List<Member> join(Member member) {
    List<Member> before = new ArrayList<>();
    lock.lock();
    try {
      for (Member other : members) {
        if (member.manner().ends(other.manner())) {
          before.add(other);
        }
      }
      members.add(member);
    } finally {
      lock.unlock();
    }
    return before;
  }

  /**
   * Waits for the turn, at most so long.
   *
   * @return null with the turn; else what is in the way
   */
  @Nullable String enter(Member member, long limitMillis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    lock.lock();
    try {
      want(member);
      while (!mayTake(member)) {
        member.check();
        if (left <= 0) {
          return holder == null ? "" : holder.what();
        }
        left = changed.awaitNanos(left);
      }
      member.check();
      take(member);
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the member has its turn again; the caller holds the lock. */
  void regain(Member member) {
    while (!member.equals(holder) && !member.isEnded()) {
      want(member);
      if (mayTake(member)) {
        take(member);
      } else {
        changed.awaitUninterruptibly();
      }
    }
  }

  /** Ends a member's part in it. */
  void leave(Member member) {
    lock.lock();
    try {
      members.remove(member);
      wanting.remove(member);
      if (member.equals(holder)) {
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
   * @throws InterruptedException when the caller need not wait any more
   */
  public void awaitNoStarts() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (members.stream().anyMatch(Member::mayStart)) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether such a command is under way. */
  public boolean has(String what) {
    lock.lock();
    try {
      return members.stream().anyMatch(member -> member.what().equals(what));
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

  private void want(Member member) {
    if (wanting.contains(member)) {
      return;
    }
    int place = wanting.size();
    if (member.manner().overtakes()) {
      place = 0;
      while (place < wanting.size() && wanting.get(place).manner().overtakes()) {
        place++;
      }
    }
    wanting.add(place, member);
  }

  /** The first of those to whom the holder's turn is open now. */
  private boolean mayTake(Member member) {
    Member now = holder;
    for (Member next : wanting) {
      if (now == null || now.lendsTo(next)) {
        return next.equals(member);
      }
    }
    return false;
  }

  private void take(Member member) {
    wanting.remove(member);
    holder = member;
    changed.signalAll();
  }
}
