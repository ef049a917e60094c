package io.jcompose.api.log;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The logs that one request follows: each is read by a thread of its own into one queue, which the
 * request's thread takes from. It owns everything else here. Lines that nobody has taken yet are
 * few: their readers wait, so that a slow client costs no memory.
 */
public final class LogFeeds implements AutoCloseable {
  private static final int LINES_AHEAD = 256;

  /** No event tells that a start which failed is not tried again. */
  private static final long LOOK_AGAIN_SECONDS = 10;

  /** So many characters of a line count as one line more. */
  private static final int WEIGHT = 1024;

  private final Containers containers;
  private final String project;
  private final BlockingQueue<LogFact> facts = new LinkedBlockingQueue<>();
  private final Semaphore room = new Semaphore(LINES_AHEAD);
  private final ReentrantLock turn = new ReentrantLock(); // of who tells the pieces of a line
  private final Map<String, Containers.LogPlace> seen = new HashMap<>();
  private final Map<String, Containers.LogReader> following = new HashMap<>();

  public LogFeeds(Containers containers, String project) {
    this.containers = containers;
    this.project = project;
  }

  /** Tells a fact; from any thread, never blocks. */
  public void tell(LogFact fact) {
    facts.add(fact);
  }

  /**
   * The next fact; waits for it, and now and then lets its caller look again. A line counts as
   * seen, an ended log as no longer followed.
   */
  public LogFact take() throws InterruptedException {
    LogFact told = facts.poll(LOOK_AGAIN_SECONDS, TimeUnit.SECONDS);
    LogFact fact = told == null ? new LogFact.Changed() : told;
    switch (fact) {
      case LogFact.Line line -> {
        room.release(weight(line.line()));
        seen(line.id(), line.end());
      }
      case LogFact.LogEnded ended -> {
        following.remove(ended.id(), ended.reader());
        ended.reader().close();
      }
      case LogFact.Started started -> {}
      case LogFact.WorkEnded ended -> {}
      case LogFact.ClientLeft left -> {}
      case LogFact.Exited exited -> {}
      case LogFact.Replaced replaced -> {}
      case LogFact.Changed changed -> {}
      case LogFact.Settled settled -> {}
    }
    return fact;
  }

  /** What is before it was shown otherwise: the log is followed from there. */
  void seen(String id, Containers.LogPlace place) {
    seen.put(id, place);
  }

  /** True when nothing waits to be taken. */
  boolean isIdle() {
    return facts.isEmpty();
  }

  public boolean isFollowing() {
    return !following.isEmpty();
  }

  public boolean isFollowing(String id) {
    return following.containsKey(id);
  }

  /**
   * Follows a container's log, from where it was read last or as the query says; nothing happens
   * when it is followed already or gone.
   */
  public void follow(String id, Containers.LogQuery first) {
    ContainerView view = containers.find(id).orElse(null);
    if (view == null || following.containsKey(id)) {
      return;
    }
    Containers.LogPlace last = seen.get(id);
    Containers.LogReader reader = containers.logs(id, last == null ? first : first.from(last));
    following.put(id, reader);
    String name = LogNames.displayName(project, view.name());
    Thread.ofVirtual().name("follow-log").start(() -> read(id, name, reader));
  }

  private void read(String id, String name, Containers.LogReader reader) {
    try {
      for (var first = reader.next(); first != null; first = reader.next()) {
        tellLine(id, name, first, reader);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      facts.add(new LogFact.LogEnded(id, reader));
    }
  }

  /** All pieces of a line, with nobody else's between them. */
  private void tellLine(
      String id, String name, Containers.LogRecord first, Containers.LogReader reader)
      throws InterruptedException {
    turn.lockInterruptibly();
    try {
      Containers.LogRecord piece = first;
      while (piece != null) {
        room.acquire(weight(piece));
        facts.add(new LogFact.Line(id, name, piece, reader.place()));
        piece = piece.continues() ? reader.next() : null;
      }
    } finally {
      turn.unlock();
    }
  }

  private static int weight(Containers.LogRecord line) {
    return Math.min(1 + line.text().length() / WEIGHT, LINES_AHEAD / 4);
  }

  /** Ends all readers. */
  @Override
  public void close() {
    following.values().forEach(Containers.LogReader::close);
    room.release(1_000_000); // those that wait with a line find their reader closed after it
  }
}
