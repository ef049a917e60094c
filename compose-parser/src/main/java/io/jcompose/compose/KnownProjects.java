package io.jcompose.compose;

import io.jcompose.compose.model.Project;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The projects that were loaded last, for whoever asks for the same before a file of them has
 * changed. Thread-safe.
 */
final class KnownProjects {
  /**
   * What was measured of a value in memory; a character lies in the tree and in what is made of it.
   */
  private static final int BYTES_OF_A_VALUE = 1024;

  private static final int BYTES_OF_A_CHARACTER = 6;

  /** How little of the heap they may take together. */
  private static final int PART_OF_HEAP = 32;

  private static final int MOST = 64;

  /**
   * What was loaded.
   *
   * @param values how many the project has, for the bounds of whoever keeps it
   * @param characters of its files and of what variables made of them
   */
  record Loaded(
      Project project, int values, long characters, Map<Path, Optional<SeenFiles.Inode>> seen) {}

  private final Map<LoadRequest, Loaded> known = new LinkedHashMap<>(16, 0.75f, true); // by use
  private final long mostBytes;
  private long bytes;

  KnownProjects() {
    this(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  }

  KnownProjects(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** The project of an equal request, if a load would see the same files. */
  @Nullable Loaded find(LoadRequest request) {
    Loaded found;
    synchronized (this) {
      found = known.get(request);
    }
    return found != null && SeenFiles.areSame(found.seen) ? found : null;
  }

  synchronized void keep(LoadRequest request, Loaded loaded) {
    Loaded before = known.remove(request);
    bytes -= before == null ? 0 : bytes(request, before);
    long size = bytes(request, loaded);
    if (size > mostBytes) {
      return;
    }
    known.put(request, loaded);
    bytes += size;
    Iterator<Map.Entry<LoadRequest, Loaded>> oldest = known.entrySet().iterator();
    while (bytes > mostBytes || known.size() > MOST) {
      Map.Entry<LoadRequest, Loaded> entry = oldest.next();
      bytes -= bytes(entry.getKey(), entry.getValue());
      oldest.remove();
    }
  }

  /** The environment is held too, by the request and the project, and what was looked at. */
  private static long bytes(LoadRequest request, Loaded loaded) {
    long characters = loaded.characters;
    for (Map.Entry<String, String> variable : request.environment().entrySet()) {
      characters += variable.getKey().length() + variable.getValue().length();
    }
    long values = (long) loaded.values + request.environment().size() + loaded.seen.size();
    return values * BYTES_OF_A_VALUE + characters * BYTES_OF_A_CHARACTER;
  }
}
