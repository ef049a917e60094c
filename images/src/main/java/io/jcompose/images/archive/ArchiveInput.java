package io.jcompose.images.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Tar archives of people, plain or compressed; which is told by the first bytes. */
public final class ArchiveInput {
  private static final AnyCompression COMPRESSION = new AnyCompression();
  private static final int BLOCK = 512;
  private static final int MAGIC = 257; // POSIX.1-2017, pax, ustar header

  private ArchiveInput() {}

  /** The archive, decompressed; the caller closes it. */
  public static InputStream open(InputStream in) throws IOException {
    return new BufferedInputStream(COMPRESSION.open(in), 1 << 16);
  }

  /** Whether a stream begins like a tar archive once it is decompressed. */
  public static boolean isTar(InputStream in) throws IOException {
    try (InputStream plain = open(in)) {
      byte[] head = plain.readNBytes(BLOCK);
      return head.length == BLOCK
          && new String(head, MAGIC, 5, StandardCharsets.ISO_8859_1).equals("ustar");
    }
  }
}
