package io.jcompose.build.fetch;

import io.jcompose.core.sync.GivenUp;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that ends with an error at a limit, or when nobody wants it any more. */
final class Bounded extends FilterInputStream {
  private final long most;
  private final GivenUp givenUp;
  private long size;

  Bounded(InputStream in, long most, GivenUp givenUp) {
    super(in);
    this.most = most;
    this.givenUp = givenUp;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    givenUp.requireWanted();
    int count = super.read(target, offset, length);
    size += Math.max(0, count);
    if (size > most) {
      throw new IOException("it has more than " + most + " bytes");
    }
    return count;
  }
}
