package io.jcompose.engine.log;

import io.jcompose.core.Ids;
import io.jcompose.core.sync.KeyedLock;
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
 * Packs rotated log files of containers that ask for it. While a task runs only its shim renames
 * its log files, so the packed form is handed to the shim; else it is put in place here. A crash
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
      // The shim may rotate at any moment: a file is known by its inode, a number says little.
      for (int i = 1, missing = 0; missing < 2; i++) {
        Path plain = rotated(log, i, "");
        if (Files.exists(plain)) {
          packOne(log, plain, i, runs ? task : null);
        } else if (!Files.exists(rotated(log, i, PackedLog.SUFFIX))) {
          missing++;
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

  private void packOne(Path log, Path plain, int number, @Nullable Task task) throws IOException {
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
    if (task != null) {
      handedOver.add(key);
      task.logPacked(inode);
    } else {
      handedOver.remove(key);
      Files.move(packed, rotated(log, number, PackedLog.SUFFIX), StandardCopyOption.ATOMIC_MOVE);
      Files.delete(plain);
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

  private static Path rotated(Path log, int number, String suffix) {
    return log.resolveSibling(log.getFileName() + "." + number + suffix);
  }

  private static long inode(Path file) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
  }

  private record Turn(Path log, @Nullable Task task) {}
}
