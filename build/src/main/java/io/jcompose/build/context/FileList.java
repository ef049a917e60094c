package io.jcompose.build.context;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The files of a tree, each with a few words of what it is, so that two states of a tree can be
 * told apart by name. Beyond a number of files it lists their folders, and beyond that nothing: it
 * is for people, no key depends on it. Confined to one thread.
 */
public final class FileList {
  private static final int MOST = 20_000;
  private static final long SPREAD = 0x9E3779B97F4A7C15L; // an odd number, by which bits spread
  private static final int OVERHEAD = 100; // bytes an entry takes besides its path

  /**
   * How much all lists of a call may have together. Thread-safe.
   *
   * @param left bytes
   */
  public record Room(AtomicLong left) {
    private static final long LEAST = 4 << 20;
    private static final long MOST = 32 << 20;

    /** A thirty-second of the heap, within limits. */
    public static Room ofHeap() {
      long part = Runtime.getRuntime().maxMemory() >> 5;
      return new Room(new AtomicLong(Math.clamp(part, LEAST, MOST)));
    }

    /** Takes what an entry needs; false when there is not as much left. */
    public boolean take(String path) {
      return left.addAndGet(-path.length() - OVERHEAD) >= 0;
    }
  }

  private final Room room;
  private final Map<String, String> entries = new TreeMap<>();
  private boolean ofFolders;
  private boolean full;

  public FileList(Room room) {
    this.room = room;
  }

  /**
   * What each path is: its type, permissions and owner, a blank, and the beginning of its content's
   * digest. Empty also where there were too many.
   */
  public Map<String, String> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Whether an entry is a folder with all that lies in it, in which a blank part is missing. */
  public boolean isOfFolders() {
    return ofFolders;
  }

  /**
   * Adds one.
   *
   * @param attributes without a blank
   */
  public void add(String path, String attributes, String digest) {
    put(path, attributes + " " + digest, false);
  }

  /** Adds what another list has, below a path. */
  public void addAll(String prefix, FileList other) {
    if (other.ofFolders) {
      fold();
    }
    other.entries.forEach((path, what) -> put(joined(prefix, path), what, other.ofFolders));
    if (other.full) {
      giveUp();
    }
  }

  private static String joined(String prefix, String path) {
    return prefix.isEmpty() || path.isEmpty() ? prefix + path : prefix + "/" + path;
  }

  private void put(String path, String what, boolean isFolder) {
    if (full) {
      return;
    }
    if (ofFolders) {
      merge(isFolder ? path : folder(path), path + what);
    } else {
      entries.put(path, what);
    }
    if (!room.take(path) || entries.size() > MOST) {
      if (ofFolders) {
        giveUp();
      } else {
        fold();
      }
    }
  }

  private void giveUp() {
    full = true;
    entries.clear();
  }

  private void fold() {
    if (!ofFolders) {
      Map<String, String> files = new TreeMap<>(entries);
      entries.clear();
      ofFolders = true;
      files.forEach((path, what) -> merge(folder(path), path + what));
    }
  }

  private static String folder(String path) {
    int cut = path.lastIndexOf('/');
    return cut < 0 ? "" : path.substring(0, cut);
  }

  /** A sum: of the same files the same, in whichever order they come. */
  private void merge(String folder, String what) {
    long sum = Long.parseUnsignedLong(entries.getOrDefault(folder, "0"), 16);
    entries.put(folder, Long.toHexString(sum + what.hashCode() * SPREAD));
  }
}
