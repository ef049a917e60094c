package io.jcompose.images.push;

import io.jcompose.core.Digest;
import io.jcompose.core.Ids;
import io.jcompose.core.Progress;
import java.util.concurrent.atomic.AtomicLong;

/** Reports one push: rows of its layers below the image's. Thread-safe. */
final class PushRows {
  private static final long INTERVAL_NANOS = 100_000_000;

  private final String parent;
  private final Progress listener;

  PushRows(String parent, Progress listener) {
    this.parent = parent;
    this.listener = listener;
  }

  /** The row of a layer, by docker's name for it in a push: its uncompressed content's. */
  Row layer(Digest diffId, long total) {
    Row row = new Row(Ids.brief(diffId.hex()), parent, total, listener);
    row.status("Preparing", 0);
    return row;
  }

  /** One row; reports of bytes are thinned out. Thread-safe. */
  static final class Row {
    /** Of what is not shown. */
    static final Row NONE = new Row("", "", 0, Progress.NONE);

    private final String id;
    private final String parent;
    private final long total;
    private final Progress listener;
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());

    private Row(String id, String parent, long total, Progress listener) {
      this.id = id;
      this.parent = parent;
      this.total = total;
      this.listener = listener;
    }

    void status(String status, long current) {
      listener.report(new Progress.Step(id, parent, status, "", current, total));
    }

    void sent(long bytes) {
      long now = System.nanoTime();
      long last = lastNanos.get();
      if (now - last >= INTERVAL_NANOS && lastNanos.compareAndSet(last, now)) {
        status("Pushing", bytes);
      }
    }
  }
}
