package io.jcompose.engine.log;

import io.jcompose.core.Ids;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.runtime.LogFiles;
import io.jcompose.runtime.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packs rotated log files of containers that ask for it. The packed form is put in place here, but
 * where an older shim runs: that one renames rotated files, so it is handed to the shim. A crash
 * leaves the original, or both, and the next pass packs it again. Thread-safe.
 */
final class LogPacking {
  private static final Logger LOG = LoggerFactory.getLogger(LogPacking.class);
  private static final String TEMP = ".tmp";

  private final KeyedLock<Path> turns = new KeyedLock<>();

  /** Packed files that a shim has not put in place yet, as far as was looked. */
  private final Set<String> handedOver = ConcurrentHashMap.newKeySet();

  /** Whose turn is to come: one looks at all files, so more than one is never needed. */
  private final Set<Turn> waiting = ConcurrentHashMap.newKeySet();

  /** Packs in the background what is rotated; {@code task} is null when none runs. */
  void begin(Path log, @Nullable Task task) {
    Turn turn = new Turn(log, task);
    if (!waiting.add(turn)) {
      return;
    }
    Thread.ofVirtual()
        .name("pack-" + Ids.brief(String.valueOf(log.getFileName())))
        .start(
            () -> {
              try {
                turns.run(
                    log,
                    () -> {
                      waiting.remove(turn);
                      pack(log, task);
                    });
              } catch (RuntimeException e) {
                waiting.remove(turn);
                LOG.warn("rotated files of {} stay as they are", log, e);
              }
            });
  }

  /** How many packed files no shim is known to have put in place. */
  int open() {
    return handedOver.size();
  }

  /** How many turns are to come. */
  int turns() {
    return Set.copyOf(waiting).size(); // its own size counts what is just being taken out, too
  }

  private void pack(Path log, @Nullable Task task) {
    String prefix = log + ".";
    handedOver.removeIf(each -> each.startsWith(prefix) && Files.notExists(Path.of(each)));
    try {
      boolean runs = task != null && task.exit().isEmpty();
      for (Path rotated : LogFiles.newestFirst(log)) {
        if (!rotated.toString().endsWith(LogFiles.PACKED)) {
          packOne(log, rotated, runs ? task : null);
        }
      }
      if (!runs) {
        removeLeftovers(log);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("rotated away or removed meanwhile: {}", e.getMessage());
    } catch (IOException e) {
      LOG.warn("rotated files of {} stay as they are: {}", log, e.toString());
    }
  }

  private void packOne(Path log, Path plain, @Nullable Task task) throws IOException {
    long inode = inode(plain);
    Path packed = log.resolveSibling(log.getFileName() + "." + inode + TEMP);
    String key = packed.toString();
    if (task != null && Files.exists(packed) && handedOver.contains(key)) {
      return; // the shim has not come to it yet
    }
    boolean same = false;
    try {
      PackedLog.write(plain, inode, JsonLogReader.lastTime(plain), packed);
      same = inode(plain) == inode;
    } finally {
      if (!same) { // rotated in between, or away: what was read may be two files
        Files.deleteIfExists(packed);
      }
    }
    if (!same) {
      return;
    }
    // A shim of before may rotate at any moment, which gives the file another number.
    if (task != null && !LogFiles.keepsItsName(log, plain)) {
      handedOver.add(key);
      task.logPacked(inode);
    } else {
      handedOver.remove(key);
      Path place = plain.resolveSibling(plain.getFileName() + LogFiles.PACKED);
      Files.move(packed, place, StandardCopyOption.ATOMIC_MOVE);
      if (!Files.deleteIfExists(plain)) { // the shim has just removed it as too old
        Files.deleteIfExists(place);
      }
    }
  }

  private void removeLeftovers(Path log) throws IOException {
    Path directory = Objects.requireNonNull(log.getParent());
    try (var files = Files.newDirectoryStream(directory, log.getFileName() + ".*" + TEMP)) {
      for (Path file : files) {
        handedOver.remove(file.toString());
        Files.deleteIfExists(file);
      }
    }
  }

  private static long inode(Path file) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
  }

  private record Turn(Path log, @Nullable Task task) {}
}
