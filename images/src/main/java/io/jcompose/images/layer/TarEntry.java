package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One header of a tar archive. Names are raw bytes held as ISO 8859-1 text, for tar knows no
 * character set.
 *
 * @param type ustar's typeflag
 * @param mode permission bits, 07777 at most
 */
public record TarEntry(
    String name,
    char type,
    int mode,
    int uid,
    int gid,
    long sizeBytes,
    long mtimeSeconds,
    int mtimeNanos,
    String linkName,
    int major,
    int minor,
    Map<String, byte[]> xattrs) {
  /** The bytes of a name. */
  public static byte[] raw(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The error of an archive that is not as its format has it. */
  static JcomposeException corrupt(String what) {
    return new JcomposeException.Corrupt("layer is not a valid tar archive: " + what);
  }
}
