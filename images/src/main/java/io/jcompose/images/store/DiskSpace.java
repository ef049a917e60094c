package io.jcompose.images.store;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Errno;

/** Tells a full disk in words, before and after the fact. */
public final class DiskSpace {
  private static final long MEBIBYTE = 1 << 20;

  private DiskSpace() {}

  /** Refuses a pull whose compressed layers alone do not fit. */
  public static void check(Path directory, long neededBytes, String image) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (neededBytes > free) {
      throw new JcomposeException.Unavailable(
          "no space left on device: %s needs %d MiB to download, %s has %d MiB free; 'jcompose system prune -a' removes images without a container"
              .formatted(image, neededBytes / MEBIBYTE, directory, free / MEBIBYTE));
    }
  }

  /** The error as a person shall read it, when it is a full disk; else as an internal one. */
  public static RuntimeException explain(RuntimeException error, Path directory, String work) {
    return isFull(error)
        ? full(error, directory, work)
        : new JcomposeException.Internal(work + " failed: " + error.getMessage(), error);
  }

  /** As {@link #explain(RuntimeException, Path, String)}, of a pull; else the peer failed. */
  public static RuntimeException explain(IOException error, Path directory, String image) {
    return isFull(error)
        ? full(error, directory, "pulling " + image)
        : new JcomposeException.Unavailable(
            "failed to pull " + image + ": " + error.getMessage(), error);
  }

  private static boolean isFull(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String text = String.valueOf(cause.getMessage());
      if ((cause instanceof KernelException kernel
              && (kernel.is(Errno.ENOSPC) || kernel.is(Errno.EDQUOT)))
          || (cause instanceof IOException
              && (text.contains("No space left on device") || text.contains("quota exceeded")))) {
        return true;
      }
    }
    return false;
  }

  private static JcomposeException full(Throwable error, Path directory, String work) {
    return new JcomposeException.Unavailable(
        "no space left on device while %s: %s has %d MiB free; 'jcompose system prune -a' removes images without a container and what failed pulls have left"
            .formatted(work, directory, directory.toFile().getUsableSpace() / MEBIBYTE),
        error);
  }
}
