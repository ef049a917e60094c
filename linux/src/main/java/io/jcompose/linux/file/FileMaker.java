package io.jcompose.linux.file;

import io.jcompose.linux.Libc;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes files as another user does, with all privileges kept: where the ids of a mount are mapped,
 * the kernel lets only a user of the map make anything (man 2 mount_setattr).
 */
public final class FileMaker {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final int PR_SET_SECUREBITS = 28;
  private static final long NO_SETUID_FIXUP = 4;

  private FileMaker() {}

  /** What is to be done. */
  public interface Work {
    void run() throws IOException;
  }

  /**
   * Does work on a thread of its own, for the kernel keeps these ids with a thread, and waits for
   * its end.
   */
  public static void run(int uid, int gid, Work work) throws IOException {
    AtomicReference<Exception> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .name("file-maker")
            .start(
                () -> {
                  try {
                    become(uid, gid);
                    work.run();
                  } catch (IOException | RuntimeException e) {
                    failure.set(e);
                  }
                });
    await(thread);
    switch (failure.get()) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Exception e -> throw new IllegalStateException(e);
    }
  }

  /** To its end in any case: it uses descriptors that the caller closes next. */
  private static void await(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void become(int uid, int gid) {
    Libc.check(LIBC.prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0), "prctl", "securebits");
    LIBC.setfsgid(gid);
    LIBC.setfsuid(uid);
  }

  /** Functions of man 2. */
  public interface Functions {
    int setfsuid(int uid);

    int setfsgid(int gid);

    int prctl(int option, long a, long b, long c, long d);
  }
}
