package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates gzip of one or many members (RFC 1952) with the JDK's zlib. The members' CRC is not
 * looked at, because a layer's SHA-256 is. Confined to one thread.
 */
final class GzipInput extends InputStream {
  private static final int FLAG_CRC = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;
  private boolean inMember;

  GzipInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (true) {
      if (!inMember && !beginMember()) {
        return -1;
      }
      int count = inflate(target, offset, length);
      if (count > 0) {
        return count;
      }
      if (inflater.finished() || inflater.needsDictionary()) {
        if (inflater.needsDictionary()) {
          throw corrupt("a preset dictionary");
        }
        position = limit - inflater.getRemaining();
        for (int i = 0; i < 8; i++) {
          octet();
        }
        inMember = false;
      } else if (inflater.needsInput()) {
        if (!fill()) {
          throw corrupt("an unexpected end");
        }
        inflater.setInput(buffer, 0, limit);
      }
    }
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }

  private int inflate(byte[] target, int offset, int length) {
    try {
      return inflater.inflate(target, offset, length);
    } catch (DataFormatException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  private boolean beginMember() throws IOException {
    if (position == limit && !fill()) {
      return false;
    }
    if (buffer[position] == 0) {
      // Tapes pad with zeros; so does GNU gzip's reader skip them.
      position = limit;
      return beginMember();
    }
    if (octet() != 0x1f || octet() != 0x8b || octet() != 8) {
      throw corrupt("a wrong header");
    }
    int flags = octet();
    for (int i = 0; i < 6; i++) {
      octet();
    }
    if ((flags & FLAG_EXTRA) != 0) {
      int length = octet() | octet() << 8;
      for (int i = 0; i < length; i++) {
        octet();
      }
    }
    for (int flag : new int[] {FLAG_NAME, FLAG_COMMENT}) {
      while ((flags & flag) != 0 && octet() != 0) {}
    }
    if ((flags & FLAG_CRC) != 0) {
      octet();
      octet();
    }
    inflater.reset();
    inflater.setInput(buffer, position, limit - position);
    inMember = true;
    return true;
  }

  private int octet() throws IOException {
    if (position == limit && !fill()) {
      throw corrupt("an unexpected end");
    }
    return buffer[position++] & 0xff;
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer, 0, buffer.length));
    return limit > 0;
  }

  static JcomposeException corrupt(String what) {
    return new JcomposeException.Corrupt("layer is not valid gzip: it has " + what);
  }
}
