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
  /** What was measured of a value in memory, and how little of the heap they may take together. */
  private static final int BYTES_OF_A_VALUE = 1024;

  private static final int PART_OF_HEAP = 32;
  private static final int MOST = 64;

  /**
   * @param values how many the project has, for the bounds of whoever keeps it
   */
  record Loaded(Project project, int values, Map<Path, Optional<SeenFiles.Inode>> seen) {}

  private final Map<LoadRequest, Loaded> known = new LinkedHashMap<>(16, 0.75f, true); // by use
  private final int mostValues;
  private int values;

  KnownProjects() {
    this((int) (Runtime.getRuntime().maxMemory() / PART_OF_HEAP / BYTES_OF_A_VALUE));
  }

  KnownProjects(int mostValues) {
    this.mostValues = mostValues;
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
    values -= before == null ? 0 : weight(request, before);
    int weight = weight(request, loaded);
    if (weight > mostValues) {
      return;
    }
    known.put(request, loaded);
    values += weight;
    Iterator<Map.Entry<LoadRequest, Loaded>> oldest = known.entrySet().iterator();
    while (values > mostValues || known.size() > MOST) {
      Map.Entry<LoadRequest, Loaded> entry = oldest.next();
      values -= weight(entry.getKey(), entry.getValue());
      oldest.remove();
    }
  }

  /** The environment is held too, and what was looked at. */
  private static int weight(LoadRequest request, Loaded loaded) {
    return loaded.values + request.environment().size() + loaded.seen.size();
  }
}
