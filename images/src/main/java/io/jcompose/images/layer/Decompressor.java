package io.jcompose.images.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;

/**
 * Undoes a layer's compression. Looks at the first bytes, because registries hold layers whose
 * media type says something else.
 */
public final class Decompressor {
  private static final int WINDOW_LOG_LIMIT = 27;

  private Decompressor() {}

  /** The uncompressed stream; closing it closes {@code in}. */
  public static InputStream open(InputStream in) throws IOException {
    byte[] start = in.readNBytes(4);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
    if (starts(start, 0x1f, 0x8b)) {
      return IsalGzipInput.isAvailable() ? new IsalGzipInput(whole) : new GzipInput(whole);
    }
    boolean skippableFrame =
        start.length == 4
            && (start[0] & 0xf0) == 0x50
            && starts(start, start[0] & 0xff, 0x2a, 0x4d, 0x18);
    if (starts(start, 0x28, 0xb5, 0x2f, 0xfd) || skippableFrame) {
      return new ZstdInputStreamNoFinalizer(whole).setLongMax(WINDOW_LOG_LIMIT);
    }
    return whole;
  }

  private static boolean starts(byte[] text, int... wanted) {
    if (text.length < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if ((text[i] & 0xff) != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
