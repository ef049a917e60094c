package io.jcompose.api.answer;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Progress as JSON objects, in Compose's members. Reports only join a queue, which a thread of its
 * own writes: a client that does not read holds up nobody's work. Of more than a client can be told
 * at once, older news of the same row go first, then the oldest. A client that went away is
 * forgotten, and told of to those who asked. Guarded by lock.
 */
public final class ProgressLines implements Progress {
  /** Entries that wait for a client; some 400 bytes each. */
  private static final int MOST = 1024;

  /** Lines of builds that wait beside them. */
  private static final int MOST_PRINTED = 16_384;

  private static final int LONGEST_TEXT = 8192;
  private static final String CONTAINER = "Container ";

  private final Sink sink;
  private final RegistryLogins logins;
  private final Progress.@Nullable Terminal terminal;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition written = lock.newCondition();
  private final Deque<Map<String, Object>> waiting = new ArrayDeque<>();
  private final List<Runnable> goneActions = new ArrayList<>();
  private final Map<String, String> failed = new LinkedHashMap<>();
  private boolean writing;
  private boolean gone;
  private int printed;
  private int lost;

  /** Takes each object; may block for as long as its client does not read. */
  @FunctionalInterface
  public interface Sink {
    void accept(Map<String, Object> members) throws IOException;
  }

  /** For work without images. */
  public ProgressLines(Sink sink) {
    this(sink, RegistryLogins.OF_ENGINE);
  }

  /**
   * @param logins the client's
   */
  public ProgressLines(Sink sink, RegistryLogins logins) {
    this(sink, logins, null);
  }

  /**
   * @param terminal the client's, which is lent
   */
  public ProgressLines(Sink sink, RegistryLogins logins, Progress.@Nullable Terminal terminal) {
    this.sink = sink;
    this.logins = logins;
    this.terminal = terminal;
  }

  @Override
  public Progress.@Nullable Terminal terminal() {
    return terminal;
  }

  @Override
  public RegistryLogins logins() {
    return logins;
  }

  @Override
  public void report(Step step) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("id", step.id());
    if (step.parentId() != null) {
      members.put("parent_id", step.parentId());
    }
    members.put("status", step.status());
    if (!step.text().isEmpty()) {
      members.put("text", cut(step.text()));
    }
    if (step.status().equals("Error") && step.id().startsWith(CONTAINER)) {
      noteFailure(step.id().substring(CONTAINER.length()), step.text());
    }
    if (step.current() > 0 || step.total() > 0) {
      members.put("current", step.current());
      members.put("total", step.total());
    }
    join(members);
  }

  @Override
  public void onGone(Runnable action) {
    lock.lock();
    try {
      if (!gone) {
        goneActions.add(action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  /** Names of the containers that were told to have failed. */
  public List<String> failed() {
    lock.lock();
    try {
      return List.copyOf(failed.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** An error's members, whose message names the container that it is about. */
  public Map<String, Object> naming(Map<String, Object> error) {
    String message = String.valueOf(error.get("message"));
    lock.lock();
    try {
      for (Map.Entry<String, String> entry : failed.entrySet()) {
        if (entry.getValue().equals(cut(message)) && !message.contains(entry.getKey())) {
          error.put("message", CONTAINER + entry.getKey() + ": " + message);
          break;
        }
      }
    } finally {
      lock.unlock();
    }
    return error;
  }

  private void noteFailure(String name, String why) {
    lock.lock();
    try {
      failed.putIfAbsent(name, cut(why));
    } finally {
      lock.unlock();
    }
  }

  /** These lines, with {@code --quiet-pull} only what goes wrong of the images. */
  public Progress of(CommandRequest request) {
    return request.has("quiet-pull") ? only(ProgressLines::isNoPull) : this;
  }

  private static boolean isNoPull(Step step) {
    String row = step.parentId() == null ? step.id() : step.parentId();
    return isProblem(step.status()) || !row.startsWith("Image ") || isBuild(step);
  }

  /** A build's row, or one of its steps, {@code [NAME 2/5] RUN make}. */
  private static boolean isBuild(Step step) {
    return step.id().startsWith("[") || List.of("Building", "Built").contains(step.status());
  }

  public void warn(String text) {
    join(Map.of("warning", cut(text)));
  }

  /** Sends an object after all before it; blocks until the client has taken it or is gone. */
  public void send(Map<String, Object> members) {
    join(members);
    flush();
  }

  /** Blocks until the client has taken all, or is gone. */
  public void flush() {
    lock.lock();
    try {
      while (!gone && (writing || !waiting.isEmpty())) {
        written.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  public boolean isGone() {
    lock.lock();
    try {
      return gone;
    } finally {
      lock.unlock();
    }
  }

  /** The client went away. */
  public void gone() {
    List<Runnable> actions;
    lock.lock();
    try {
      gone = true;
      waiting.clear();
      actions = List.copyOf(goneActions);
      goneActions.clear();
      written.signalAll();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  private void join(Map<String, Object> members) {
    lock.lock();
    try {
      if (gone) {
        return;
      }
      if (isPrinted(members) && printed >= MOST_PRINTED) {
        removeFirst(true);
        lost++;
      } else if (isPrinted(members)) {
        printed++;
      } else if (waiting.size() - printed >= MOST) {
        makeRoom(members);
      }
      waiting.add(members);
      if (!writing) {
        writing = true;
        Thread.ofVirtual().name("progress").start(this::write);
      }
    } finally {
      lock.unlock();
    }
  }

  private void makeRoom(Map<String, Object> next) {
    Object row = next.get("id");
    Iterator<Map<String, Object>> entries = waiting.iterator();
    while (row != null && entries.hasNext()) {
      Map<String, Object> entry = entries.next();
      boolean same = row.equals(entry.get("id")) && !isPrinted(entry);
      if (same && !isProblem(entry.get("status"))) {
        entries.remove();
        return;
      }
    }
    removeFirst(false);
  }

  /** The first line of a build behind some that were left out tells how many. */
  private Map<String, Object> counted(Map<String, Object> members) {
    Map<String, Object> counted = new LinkedHashMap<>(members);
    counted.put("text", "(" + lost + " earlier lines are left out) " + members.get("text"));
    lost = 0;
    return counted;
  }

  private void removeFirst(boolean printedLine) {
    Iterator<Map<String, Object>> entries = waiting.iterator();
    while (entries.hasNext()) {
      if (isPrinted(entries.next()) == printedLine) {
        entries.remove();
        return;
      }
    }
  }

  private static boolean isPrinted(Map<String, Object> members) {
    return Builds.OUTPUT.equals(members.get("status"));
  }

  private static boolean isProblem(@Nullable Object status) {
    return "Error".equals(status) || "Warning".equals(status);
  }

  private void write() {
    try {
      for (var next = next(); !next.isEmpty(); next = next()) {
        sink.accept(next);
      }
    } catch (IOException e) {
      gone();
    } catch (RuntimeException e) {
      gone(); // nobody may wait for what is never written
      throw e;
    }
  }

  /** The next entry; an empty one ends the writing. */
  private Map<String, Object> next() {
    lock.lock();
    try {
      Map<String, Object> next = waiting.poll();
      if (next != null) {
        boolean line = isPrinted(next);
        printed -= line ? 1 : 0;
        return line && lost > 0 ? counted(next) : next;
      }
      writing = false;
      written.signalAll();
      return Map.of();
    } finally {
      lock.unlock();
    }
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
  }
}
