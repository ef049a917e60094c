package io.jcompose.api.docker.container;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.ExecInspect;
import io.jcompose.core.Containers;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The programs that clients have made for containers, from their making until some while after
 * their end. Of those that do not run the oldest go where there are too many. Thread-safe.
 */
final class Execs {
  private static final int MOST = 1024;

  /** Of all their words together; one may be as long as the kernel takes it. */
  private static final long MOST_BYTES = 8L << 20;

  private static final int OWN_BYTES = 512;

  /** As dockerd has it. */
  private static final Duration COMING_UP = Duration.ofSeconds(10);

  private final Map<String, Exec> all = new LinkedHashMap<>(); // guarded by this
  private long bytes; // guarded by this

  /** Keeps a new one. */
  synchronized Exec make(String container, ExecSpec spec, Told told) {
    Exec exec = new Exec(Ids.next(), container, spec, told);
    Iterator<Exec> oldest = all.values().iterator();
    while ((all.size() >= MOST || bytes + exec.bytes() > MOST_BYTES) && oldest.hasNext()) {
      Exec old = oldest.next();
      if (!old.isRunning()) {
        bytes -= old.bytes();
        oldest.remove();
      }
    }
    if (all.size() >= MOST || bytes + exec.bytes() > MOST_BYTES) {
      throw new JcomposeException.Unavailable(
          "as many programs run in containers as can; try again when some have ended");
    }
    all.put(exec.id, exec);
    bytes += exec.bytes();
    return exec;
  }

  /**
   * One of them, whose container is still there.
   *
   * @throws JcomposeException.NotFound {@code No such exec instance: x}
   */
  Exec find(String id, Containers containers) {
    Exec exec;
    synchronized (this) {
      exec = all.get(id);
    }
    if (exec == null || containers.find(exec.container).isEmpty()) {
      throw new JcomposeException.NotFound("No such exec instance: " + id);
    }
    return exec;
  }

  /** Ids of those of a container that have not ended. */
  synchronized List<String> ofContainer(String id) {
    return all.values().stream()
        .filter(exec -> exec.container.equals(id) && !exec.hasEnded())
        .map(Exec::id)
        .toList();
  }

  /**
   * What clients are told of a program beside its {@link ExecSpec}.
   *
   * @param out whether who starts it gets its output, as {@code err}
   * @param user also where it is the container's own
   * @param detachKeys empty for the default
   */
  record Told(boolean out, boolean err, String user, String detachKeys) {}

  /** One program. Thread-safe. */
  static final class Exec {
    private final String id;
    private final String container;
    private final ExecSpec spec;
    private final Told told;
    private boolean started; // guarded by this, as what follows
    private @Nullable StreamSession session;
    private @Nullable Integer code;

    Exec(String id, String container, ExecSpec spec, Told told) {
      this.id = id;
      this.container = container;
      this.spec = spec;
      this.told = told;
    }

    String id() {
      return id;
    }

    String container() {
      return container;
    }

    ExecSpec spec() {
      return spec;
    }

    boolean out() {
      return told.out;
    }

    boolean err() {
      return told.err;
    }

    private long bytes() {
      long words = 0;
      for (List<String> list : List.of(spec.command(), spec.env())) {
        words += list.stream().mapToLong(word -> 64L + 2L * word.length()).sum();
      }
      return OWN_BYTES + words;
    }

    synchronized boolean isRunning() {
      return started && code == null;
    }

    private synchronized boolean hasEnded() {
      return code != null;
    }

    /**
     * It is started by the caller, and by nobody else.
     *
     * @throws Refusal (409) where it was already
     */
    synchronized void begin() {
      if (started) {
        throw new Refusal(
            409,
            "exec command " + id + (code == null ? " is already running" : " has already run"));
      }
      started = true;
    }

    synchronized void runs(StreamSession now) {
      session = now;
      notifyAll();
    }

    synchronized void ended(int exitCode) {
      code = exitCode;
      session = null;
      notifyAll();
    }

    /** The one that runs. Clients ask for it right after the start: it may have to come up. */
    synchronized Optional<StreamSession> session() {
      long end = System.nanoTime() + COMING_UP.toNanos();
      while (isRunning() && session == null) {
        long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        if (left <= 0) {
          break;
        }
        try {
          wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
      }
      return Optional.ofNullable(session);
    }

    synchronized ExecInspect inspect() {
      List<String> words = spec.command();
      return new ExecInspect(
          id,
          started && code == null,
          code,
          new ExecInspect.ProcessConfig(
              spec.tty(),
              words.getFirst(),
              words.subList(1, words.size()),
              spec.privileged(),
              told.user),
          spec.stdin(),
          told.err,
          told.out,
          false,
          container,
          told.detachKeys,
          0);
    }
  }
}
