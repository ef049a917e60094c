package io.jcompose.cli.local;

import io.jcompose.compose.SourceFiles;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jnr.constants.platform.Errno;

/**
 * Reads the files of models for the engine, which loads them for others: an env file may lie in a
 * folder that a container writes, and be a FIFO a moment after it was looked at.
 */
public final class ForeignSourceFiles implements SourceFiles {
  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    try {
      return ForeignFile.head(file, maxBytes);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        throw new NoSuchFileException(file.toString());
      }
      if (e.is(Errno.EACCES)) {
        throw new AccessDeniedException(file.toString());
      }
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
  }
}
