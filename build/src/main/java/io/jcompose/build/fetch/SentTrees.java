package io.jcompose.build.fetch;

import io.jcompose.core.build.SentFolder;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The folders that callers have sent, of which the last ones stay, so that only what has changed is
 * sent the next time. They do not outlive the engine. Thread-safe.
 */
public final class SentTrees {
  private static final int MOST_KEPT = 16;
  private static final long MOST_BYTES = 20_000_000_000L;

  private final Path place;
  private final long mostKeptBytes;
  private final Map<String, SentTree> kept =
      new LinkedHashMap<>(); // the oldest first; guarded by this

  /**
   * @param place where they are made
   * @param mostKeptBytes of those that stay
   */
  public SentTrees(Path place, long mostKeptBytes) {
    this.place = place;
    this.mostKeptBytes = mostKeptBytes;
  }

  /**
   * One of a caller, as it sent it the last time unless that is in use.
   *
   * @param key the caller's name of it; empty for one that does not stay
   */
  public SentFolder open(String key) {
    SentTree known;
    synchronized (this) {
      known = kept.remove(key);
    }
    SentTree tree = known == null ? new SentTree(place) : known;
    tree.begin(MOST_BYTES);
    return new Opened(key, tree);
  }

  /** Removes all that nobody uses; the bytes that they had. */
  public long prune() {
    List<SentTree> all;
    synchronized (this) {
      all = List.copyOf(kept.values());
      kept.clear();
    }
    all.forEach(SentTree::remove);
    return all.stream().mapToLong(SentTree::bytes).sum();
  }

  private void back(String key, SentTree tree) {
    List<SentTree> old = new ArrayList<>();
    synchronized (this) {
      @Nullable SentTree other = kept.put(key, tree);
      if (other != null) {
        old.add(other);
      }
      long bytes = kept.values().stream().mapToLong(SentTree::bytes).sum();
      var oldest = kept.values().iterator();
      while (oldest.hasNext() && (bytes > mostKeptBytes || kept.size() > MOST_KEPT)) {
        SentTree one = oldest.next();
        oldest.remove();
        bytes -= one.bytes();
        old.add(one);
      }
    }
    old.forEach(SentTree::remove);
  }

  /** A tree in use. */
  private final class Opened implements SentFolder {
    private final String key;
    private final SentTree tree;
    private boolean whole;

    Opened(String key, SentTree tree) {
      this.key = key;
      this.tree = tree;
    }

    @Override
    public Path path() {
      return tree.path();
    }

    @Override
    public void folder(Entry entry) {
      tree.folder(entry);
    }

    @Override
    public void link(Entry entry, String target) {
      tree.link(entry, target);
    }

    @Override
    public void hardLink(Entry entry, String path) {
      tree.hardLink(entry, path);
    }

    @Override
    public void pipe(Entry entry) {
      tree.pipe(entry);
    }

    @Override
    public boolean file(Entry entry, long size) {
      return tree.file(entry, size);
    }

    @Override
    public OutputStream content(Entry entry) {
      return tree.content(entry);
    }

    @Override
    public void finish() {
      tree.finish();
      whole = true;
    }

    @Override
    public void close() {
      if (whole && !key.isEmpty()) {
        back(key, tree);
      } else {
        tree.remove();
      }
    }
  }
}
