package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** A blob that is open for reading: a removal meanwhile takes nothing from it. */
public record ServedBlob(Digest digest, FileChannel file, long sizeBytes) implements AutoCloseable {
  @Override
  public void close() throws IOException {
    file.close();
  }
}
