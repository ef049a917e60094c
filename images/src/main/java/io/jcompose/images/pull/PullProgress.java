package io.jcompose.images.pull;

import io.jcompose.core.Digest;
import io.jcompose.core.Ids;
import io.jcompose.core.Progress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Reports one pull to all who wait for it: a row of the image and rows of its layers below. Reports
 * of bytes are thinned out. Thread-safe.
 */
final class PullProgress {
  private static final long INTERVAL_NANOS = 100_000_000;

  private final String parent;
  private final List<Progress> listeners = new CopyOnWriteArrayList<>();

  PullProgress(String image) {
    this.parent = "Image " + image;
  }

  void add(Progress listener) {
    if (!listener.equals(Progress.NONE)) {
      listeners.add(listener);
    }
  }

  void image(String status) {
    report(Progress.Step.of(parent, status));
  }

  void warning(String text) {
    report(Progress.Step.of(parent, "Warning", text));
  }

  Row layer(Digest blob, long total) {
    return new Row(Ids.brief(blob.hex()), total);
  }

  private void report(Progress.Step step) {
    listeners.forEach(listener -> listener.report(step));
  }

  /** One layer's row. Confined to one thread at a time. */
  final class Row {
    private final String id;
    private final long total;
    private long lastNanos = System.nanoTime();

    Row(String id, long total) {
      this.id = id;
      this.total = total;
    }

    void status(String status, long current) {
      report(new Progress.Step(id, parent, status, "", current, total));
    }

    void downloaded(long bytes) {
      long now = System.nanoTime();
      if (now - lastNanos >= INTERVAL_NANOS) {
        lastNanos = now;
        status("Downloading", bytes);
      }
    }
  }
}
