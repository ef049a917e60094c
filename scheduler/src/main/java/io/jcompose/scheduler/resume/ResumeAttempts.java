package io.jcompose.scheduler.resume;

import io.jcompose.core.file.StateFile;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.scheduler.store.ProjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weighs how often an engine began to bring a project back and did not live to its end, in {@code
 * <name>.attempts} with the boot of the machine, durably before each attempt: a project that ends
 * the engine must not do so for ever. What ends an engine mostly does so at once; an attempt that
 * lasts, for a health check perhaps, is likely to be cut off by something else, and weighs little.
 * Thread-safe.
 */
public final class ResumeAttempts {
  /** What ends an engine does so in seconds; health checks may take minutes. */
  static final Duration AT_ONCE = Duration.ofSeconds(10);

  /** Two engines that ended at once are no chance, nor are six that ended later. */
  static final int MOST = 6;

  private static final int ENDED_AT_ONCE = 3;
  private static final int ENDED_LATER = 1;

  private static final Logger LOG = LoggerFactory.getLogger(ResumeAttempts.class);
  private static final String SUFFIX = ".attempts";
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path directory;
  private final String boot;
  private final Executor later;
  private final KeyedLock<String> turns = new KeyedLock<>();
  private final Map<String, Long> open = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();

  public ResumeAttempts(Path directory) {
    this(
        directory,
        CompletableFuture.delayedExecutor(
            AT_ONCE.toSeconds(),
            TimeUnit.SECONDS,
            task -> Thread.ofVirtual().name("attempt").start(task)));
  }

  /**
   * @param later runs a task when an engine that ends at once would have ended
   */
  public ResumeAttempts(Path directory, Executor later) {
    this.directory = directory;
    this.boot = boot();
    this.later = later;
  }

  /**
   * The weight of the attempts since the machine started of which no end is known; a power cut is
   * none.
   */
  int failed(String project) {
    return ProjectStore.isName(project) ? read(project) : 0;
  }

  /** An attempt begins. */
  void begin(String project) {
    if (!ProjectStore.isName(project)) {
      return;
    }
    turns.run(
        project,
        () -> {
          long number = numbers.incrementAndGet();
          if (open.putIfAbsent(project, number) == null) {
            int before = read(project);
            write(project, before + ENDED_AT_ONCE);
            later.execute(() -> lasts(project, number, before));
          }
        });
  }

  private void lasts(String project, long number, int before) {
    turns.run(
        project,
        () -> {
          boolean same = Long.valueOf(number).equals(open.get(project));
          if (same && read(project) == before + ENDED_AT_ONCE) {
            write(project, before + ENDED_LATER);
          }
        });
  }

  /** It has ended, well or not, and the engine lives. */
  void end(String project) {
    turns.run(
        project,
        () -> {
          if (open.remove(project) != null) {
            delete(project);
          }
        });
  }

  /** A person has seen to the project. */
  public void clear(String project) {
    if (ProjectStore.isName(project) && Files.exists(file(project))) {
      turns.run(project, () -> delete(project));
    }
  }

  /** The engine ends because it was asked to, which is nobody's fault. */
  void endAll() {
    Set.copyOf(open.keySet()).forEach(this::end);
  }

  private void write(String project, int weight) {
    String text = weight + " " + boot + "\n";
    try {
      StateFile.write(file(project), text.getBytes(StandardCharsets.UTF_8));
    } catch (RuntimeException e) {
      LOG.warn("attempts to bring {} back are not counted: {}", project, e.getMessage());
    }
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
