package io.jcompose.images.layer;

import io.jcompose.linux.file.FileFd;
import java.io.IOException;

/** The bytes of an archive's file, as a file of the same holes. Stateless. */
public final class EntryData {
  private EntryData() {}

  /**
   * Writes what is left of the entry that the reader is at; blocks for as long as that takes.
   *
   * @param file new and empty
   * @param buffer for the use of this call
   * @throws IOException when the archive breaks off
   */
  public static void write(TarReader tar, TarEntry entry, FileFd file, byte[] buffer)
      throws IOException {
    long written = 0;
    long at = tar.offset();
    int count;
    while ((count = tar.read(buffer, 0, buffer.length)) > 0) {
      if (at != written) {
        file.seek(at); // a hole stays one
      }
      file.write(buffer, count);
      written = at + count;
      at = tar.offset();
    }
    if (tar.isSparse()) {
      file.truncate(entry.sizeBytes());
    }
  }
}
