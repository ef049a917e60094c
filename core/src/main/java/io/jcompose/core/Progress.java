package io.jcompose.core;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who gave a piece of work: takes reports of it, and has the logins that it may use.
 * Implementations are thread-safe, return quickly and do not throw. Who takes reports may lose
 * interest.
 */
@FunctionalInterface
public interface Progress {
  /** Drops every report. */
  Progress NONE = step -> {};

  void report(Step step);

  /**
   * Runs {@code action} once, on any thread, when nobody waits for the work any more; at once when
   * that is so already. By default somebody always does.
   */
  default void onGone(Runnable action) {}

  /** What images are pulled with. */
  default RegistryLogins logins() {
    return RegistryLogins.OF_ENGINE;
  }

  /** Where a person can be asked; null for work whose giver has no terminal, or lends none. */
  default @Nullable Terminal terminal() {
    return null;
  }

  /** What a build may ask for that was not told before. */
  default Loans loans() {
    return Loans.NONE;
  }

  /** This one with only those reports that are wanted. */
  default Progress only(Predicate<Step> wanted) {
    Progress all = this;
    return new Progress() {
      @Override
      public void report(Step step) {
        if (wanted.test(step)) {
          all.report(step);
        }
      }

      @Override
      public void onGone(Runnable action) {
        all.onGone(action);
      }

      @Override
      public RegistryLogins logins() {
        return all.logins();
      }

      @Override
      public @Nullable Terminal terminal() {
        return all.terminal();
      }

      @Override
      public Loans loans() {
        return all.loans();
      }
    };
  }

  /**
   * One report.
   *
   * @param id what it is about, in Compose's words: {@code Container shop-web-1}, {@code Network
   *     shop_default}, or a layer
   * @param parentId the row it belongs under (a layer under its image), or null
   * @param status Compose's word: Creating, Created, Starting, Started, Running, Waiting, Healthy,
   *     Pulling, Pulled, Warning, Error …
   * @param text what else to say, such as the reason of a recreation; may be empty
   * @param current bytes done, 0 when not counted
   * @param total bytes in all, 0 when unknown
   */
  record Step(
      String id, @Nullable String parentId, String status, String text, long current, long total) {
    public static Step of(String id, String status) {
      return new Step(id, null, status, "", 0, 0);
    }

    public static Step of(String id, String status, String text) {
      return new Step(id, null, status, text, 0, 0);
    }
  }

  /** What is asked of whoever gave a piece of work while it runs. Thread-safe; blocks. */
  interface Loans {
    /** Nothing is lent. */
    Loans NONE = new Loans() {};

    /** A secret that a step mounts; empty for one that is not known. */
    default Optional<byte[]> secret(String id) {
      return Optional.empty();
    }

    /** The socket of an agent for ssh that a step mounts, which lives as long as the work. */
    default Optional<Path> agent(String id) {
      return Optional.empty();
    }
  }

  /**
   * The terminal of whoever gave a piece of work, for a program in the middle of it; one at a time.
   * Lives as long as the work. Thread-safe.
   */
  interface Terminal {
    /** Takes it for a program; false when another one has it, or had. */
    boolean take();

    /**
     * Connects a container's main process to it. Blocks until the program ends, or nobody is there
     * any more.
     *
     * @param about what the person is told first
     * @param container its id
     * @param session open; the implementation does not close it
     */
    void converse(String about, String container, StreamSession session);
  }
}
