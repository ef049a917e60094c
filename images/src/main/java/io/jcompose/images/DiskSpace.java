package io.jcompose.images;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Errno;

/** Tells a full disk in words, before and after the fact. */
final class DiskSpace {
  private static final long MEBIBYTE = 1 << 20;

  private DiskSpace() {}

  /** Refuses a pull whose compressed layers alone do not fit. */
  static void check(Path directory, long neededBytes, String image) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (neededBytes > free) {
      throw new JcomposeException.Unavailable(
          "no space left on device: %s needs %d MiB to download, %s has %d MiB free; 'jcompose system prune' removes unused images"
              .formatted(image, neededBytes / MEBIBYTE, directory, free / MEBIBYTE));
    }
  }

  /** The error as a person shall read it, when it is a full disk; else as an internal one. */
  static RuntimeException explain(RuntimeException error, Path directory, String work) {
    boolean full =
        (error instanceof KernelException kernel
                && (kernel.is(Errno.ENOSPC) || kernel.is(Errno.EDQUOT)))
            || String.valueOf(error.getCause()).contains("No space left on device")
            || String.valueOf(error.getCause()).contains("quota exceeded");
    if (!full) {
      return new JcomposeException.Internal(work + " failed: " + error.getMessage(), error);
    }
    return new JcomposeException.Unavailable(
        "no space left on device while %s: %s has %d MiB free; 'jcompose system prune' removes unused images"
            .formatted(work, directory, directory.toFile().getUsableSpace() / MEBIBYTE),
        error);
  }
}
