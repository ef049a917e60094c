package io.jcompose.api;

import io.jcompose.core.Progress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Progress as JSON objects, in Compose's members. A client that went away is forgotten: the work
 * goes on without it.
 */
final class ProgressLines implements Progress {
  private final Sink sink;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean gone;

  /** Takes each object. */
  @FunctionalInterface
  interface Sink {
    void accept(Map<String, Object> members) throws IOException;
  }

  ProgressLines(Sink sink) {
    this.sink = sink;
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
      members.put("text", step.text());
    }
    if (step.current() > 0 || step.total() > 0) {
      members.put("current", step.current());
      members.put("total", step.total());
    }
    send(members);
  }

  /** These lines, with {@code --quiet-pull} only what goes wrong of the images. */
  Progress of(CommandRequest request) {
    return request.has("quiet-pull") ? this::reportButPulls : this;
  }

  private void reportButPulls(Step step) {
    String row = step.parentId() == null ? step.id() : step.parentId();
    boolean failure = step.status().equals("Error") || step.status().equals("Warning");
    if (failure || !row.startsWith("Image ")) {
      report(step);
    }
  }

  void warn(String text) {
    send(Map.of("warning", text));
  }

  /** Sends any object. */
  void send(Map<String, Object> members) {
    lock.lock();
    try {
      if (!gone) {
        sink.accept(members);
      }
    } catch (IOException e) {
      gone = true;
    } finally {
      lock.unlock();
    }
  }
}
