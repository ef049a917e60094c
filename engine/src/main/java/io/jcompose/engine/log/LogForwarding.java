package io.jcompose.engine.log;

import io.jcompose.core.Containers.LogPlace;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogRecord;
import io.jcompose.core.Ids;
import io.jcompose.core.file.StateFile;
import io.jcompose.engine.record.ContainerRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the records of containers with the journald or syslog driver on from their log files, one
 * virtual thread a container. What was sent is written down, so an engine that was killed, or a
 * service that was down, loses none; after a crash the last half second may be sent twice.
 * Thread-safe.
 */
final class LogForwarding implements AutoCloseable {
  static final String SENT = "log-sent";
  private static final Logger LOG = LoggerFactory.getLogger(LogForwarding.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final long NOTE_NANOS = 500_000_000L;
  private static final Duration LAST_NOTES = Duration.ofSeconds(2);

  private final LogFollowers followers;
  private final Map<String, Thread> running = new ConcurrentHashMap<>();
  private volatile boolean closed;

  LogForwarding(LogFollowers followers) {
    this.followers = followers;
  }

  /**
   * Begins, or goes on where an earlier one was; nothing happens for other drivers.
   *
   * @param env the container's variables, for the {@code env} option
   * @param more false when no more records will come
   */
  void begin(ContainerRecord record, List<String> env, Path log, BooleanSupplier more) {
    Optional<LogReceiver.Source> receiver = receiver(record, env);
    if (receiver.isEmpty() || closed) {
      return;
    }
    running.computeIfAbsent(
        record.id(),
        id ->
            Thread.ofVirtual()
                .name("log-" + Ids.brief(id))
                .start(() -> forward(id, log, receiver.get(), more)));
  }

  private void forward(String id, Path log, LogReceiver.Source receiver, BooleanSupplier more) {
    try {
      boolean again = true;
      while (again) {
        boolean whole = new Forward(log, receiver, more).run();
        // A run that began after the last look found this thread still there, and left it to it.
        again =
            running.computeIfPresent(id, (key, me) -> whole && more.getAsBoolean() ? me : null)
                != null;
      }
    } catch (RuntimeException | Error e) {
      running.remove(id);
      throw e;
    }
  }

  /** True for the drivers whose records go on from here. */
  static boolean isFor(ContainerRecord record) {
    String driver = record.spec().logging().driver();
    return driver.equals("journald") || driver.equals("syslog");
  }

  /** Cuts all short, and waits for a while until they have written down what they sent. */
  @Override
  public void close() {
    closed = true;
    List<Thread> all = List.copyOf(running.values());
    all.forEach(Thread::interrupt);
    long end = System.nanoTime() + LAST_NOTES.toNanos();
    try {
      for (Thread each : all) {
        boolean _ = each.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<LogReceiver.Source> receiver(ContainerRecord record, List<String> env) {
    return switch (record.spec().logging().driver()) {
      case "journald" -> {
        Map<String, String> fields = Journald.fields(record, env);
        yield Optional.of(() -> Journald.open(Journald.SOCKET, fields));
      }
      case "syslog" -> {
        Map<String, String> options = record.spec().logging().options();
        String tag = LogAttributes.tag(record);
        yield Optional.of(() -> Syslog.open(Syslog.settings(options, tag, Syslog.hostName())));
      }
      default -> Optional.empty();
    };
  }

  /** One container's; owned by its thread. */
  private final class Forward {
    private final Path log;
    private final LogReceiver.Source source;
    private final BooleanSupplier more;
    private @Nullable LogReceiver receiver;
    private @Nullable LogPlace sent;
    private long noted = System.nanoTime();
    private boolean told;

    Forward(Path log, LogReceiver.Source source, BooleanSupplier more) {
      this.log = log;
      this.source = source;
      this.more = more;
    }

    /** Returns false when it was cut short. */
    boolean run() {
      sent = remembered();
      LogQuery query = new LogQuery(-1, null, null, true, sent);
      try (JsonLogReader reader = new JsonLogReader(log, query, followers, more)) {
        for (var record = reader.next(); record != null; record = reader.next()) {
          deliver(record);
          sent = reader.place();
          if (System.nanoTime() - noted > NOTE_NANOS) {
            note();
          }
        }
        return !closed;
      } catch (InterruptedException e) {
        LOG.debug("the log of {} is left to the next engine", log.getParent());
        return false;
      } finally {
        boolean _ = Thread.interrupted(); // else no file can be written by this thread
        note();
        drop();
      }
    }

    private void deliver(LogRecord record) throws InterruptedException {
      Duration pause = FIRST_PAUSE;
      while (!attempt(record)) {
        if (closed || !Files.exists(Objects.requireNonNull(log.getParent()))) {
          throw new InterruptedException();
        }
        Thread.sleep(pause);
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
      }
    }

    private boolean attempt(LogRecord record) {
      try {
        LogReceiver open = receiver == null ? source.open() : receiver;
        receiver = open;
        open.accept(record);
        told = false;
        return true;
      } catch (IOException e) {
        if (!told) {
          told = true;
          LOG.warn("the log of {} waits for its receiver: {}", log.getParent(), e.getMessage());
        }
        drop();
        return false;
      }
    }

    private void drop() {
      LogReceiver open = receiver;
      receiver = null;
      try {
        if (open != null) {
          open.close();
        }
      } catch (IOException e) {
        LOG.debug("closing a log receiver: {}", e.toString());
      }
    }

    private @Nullable LogPlace remembered() {
      // Without it the log is sent from its beginning: twice is better than never.
      return StateFile.loadVolatile(file(), Forward::parse, new LogPlace(0, 0)).orElse(null);
    }

    private static LogPlace parse(byte[] bytes) {
      String[] parts = new String(bytes, StandardCharsets.UTF_8).strip().split(" ");
      return new LogPlace(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    private void note() {
      noted = System.nanoTime();
      LogPlace last = sent;
      if (last != null && Files.exists(Objects.requireNonNull(log.getParent()))) {
        String text = last.inode() + " " + last.offset() + "\n";
        StateFile.writeVolatile(file(), text.getBytes(StandardCharsets.UTF_8));
      }
    }

    private Path file() {
      return log.resolveSibling(SENT);
    }
  }
}
