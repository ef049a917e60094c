package io.jcompose.linux.mount;

import io.jcompose.linux.Libc;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A mount namespace for the time of one call, on a thread of its own, which takes it with it. */
final class OwnMounts {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final int CLONE_NEWNS = 0x20000;
  private static final int MS_REC = 0x4000;
  private static final int MS_PRIVATE = 0x40000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private OwnMounts() {}

  /**
   * The result of a task whose mounts nobody else sees.
   *
   * @param point what is mounted there, for messages
   */
  static <T> T call(String point, Supplier<T> task) {
    AtomicReference<@Nullable T> made = new AtomicReference<>();
    AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .name("own-mounts")
            .start(
                () -> {
                  try {
                    Libc.check(LIBC.unshare(CLONE_NEWNS), "unshare", "CLONE_NEWNS");
                    Libc.check(
                        LIBC.mount("", "/", "", MS_REC | MS_PRIVATE, null), "make private", "/");
                    made.set(task.get());
                  } catch (RuntimeException e) {
                    failed.set(e);
                  }
                });
    try {
      if (!thread.join(LIMIT)) {
        throw new IllegalStateException("mounting at " + point + " hangs in the kernel");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while mounting at " + point, e);
    }
    RuntimeException failure = failed.get();
    T result = made.get();
    if (failure != null || result == null) {
      throw failure != null ? failure : new IllegalStateException("no result at " + point);
    }
    return result;
  }

  /** Functions of man 2. */
  public interface Functions {
    int unshare(int flags);

    int mount(String source, String target, String type, long flags, @Nullable String data);
  }
}
