package io.jcompose.scheduler;

import io.jcompose.core.StateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts how often an engine began to bring a project back and did not live to its end, in {@code
 * <name>.attempts} with the boot of the machine, durably before each attempt: a project that ends
 * the engine must not do so for ever. Thread-safe for different projects.
 */
final class Attempts {
  /** So many ended engines are no chance. */
  static final int MOST = 2;

  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);
  private static final String SUFFIX = ".attempts";
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path directory;
  private final String boot;
  private final Set<String> open = ConcurrentHashMap.newKeySet();

  Attempts(Path directory) {
    this.directory = directory;
    this.boot = boot();
  }

  /** The attempts since the machine started of which no end is known; a power cut is none. */
  int failed(String project) {
    return ProjectStore.isName(project) ? read(project) : 0;
  }

  /** An attempt begins. */
  void begin(String project) {
    if (!ProjectStore.isName(project) || !open.add(project)) {
      return;
    }
    String text = (read(project) + 1) + " " + boot + "\n";
    try {
      StateFile.write(file(project), text.getBytes(StandardCharsets.UTF_8));
    } catch (RuntimeException e) {
      LOG.warn("attempts to bring {} back are not counted: {}", project, e.getMessage());
    }
  }

  /** It has ended, well or not, and the engine lives. */
  void end(String project) {
    if (open.remove(project)) {
      delete(project);
    }
  }

  /** A person has seen to the project. */
  void clear(String project) {
    if (ProjectStore.isName(project) && Files.exists(file(project))) {
      delete(project);
    }
  }

  /** The engine ends because it was asked to, which is nobody's fault. */
  void endAll() {
    Set.copyOf(open).forEach(this::end);
  }

  private void delete(String project) {
    try {
      StateFile.delete(file(project));
    } catch (RuntimeException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  private int read(String project) {
    Optional<String> text =
        StateFile.load(
            file(project),
            bytes -> new String(bytes, StandardCharsets.UTF_8),
            "attempts are counted anew");
    String[] words = text.orElse("").strip().split(" ", -1);
    boolean counts = words.length == 2 && words[1].equals(boot) && words[0].matches("\\d{1,6}");
    return counts ? Integer.parseInt(words[0]) : 0;
  }

  private Path file(String project) {
    return directory.resolve(project + SUFFIX);
  }

  private static String boot() {
    try {
      return Files.readString(BOOT).strip();
    } catch (IOException e) {
      LOG.debug("no {}: attempts are counted beyond a reboot", BOOT);
      return "-";
    }
  }
}
