package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.MemoryBudget;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** A document that comes in by way of a file: a slow sender must keep no memory. Stateless. */
final class DocumentFile {
  private static final int CHUNK = 1 << 13;

  private DocumentFile() {}

  /** What was sent is larger than a manifest may be. */
  static JcomposeException tooLarge() {
    return new JcomposeException.NotSupported(
        "a manifest may have %d bytes at most".formatted(MemoryBudget.DOCUMENT_LIMIT));
  }

  /**
   * Writes what comes, on the disk for sure; returns its size.
   *
   * @throws JcomposeException.NotSupported when it is too large
   */
  static long receive(InputStream in, Path file) throws IOException {
    long size = 0;
    byte[] chunk = new byte[CHUNK];
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        size += count;
        if (size > MemoryBudget.DOCUMENT_LIMIT) {
          throw tooLarge();
        }
        write(out, ByteBuffer.wrap(chunk, 0, count));
      }
      out.force(true);
    }
    return size;
  }

  private static void write(FileChannel out, ByteBuffer rest) {
    try {
      while (rest.hasRemaining()) {
        out.write(rest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] read(Path file, long size) throws IOException {
    byte[] document = Files.readAllBytes(file);
    if (document.length != size) {
      throw new IOException(file + " was cut off");
    }
    return document;
  }

  /** Makes the names in a blob's directory last. */
  static void syncDirectory(Path blob) {
    sync(Objects.requireNonNull(blob.getParent()));
  }

  static void sync(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to sync " + path, e);
    }
  }
}
