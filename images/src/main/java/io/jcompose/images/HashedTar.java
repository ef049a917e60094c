package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.library.NativeSha256;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;

/** Takes a tar archive for its digest and size. Confined to one thread. */
final class HashedTar extends OutputStream {
  private static final int CHUNK = 1 << 17;

  private final MessageDigest hash = NativeSha256.create();
  private final BooleanSupplier isGivenUp;
  private final byte[] chunk = new byte[CHUNK];
  private int filled;
  private long bytes;

  HashedTar(BooleanSupplier isGivenUp) {
    this.isGivenUp = isGivenUp;
  }

  long bytes() {
    return bytes;
  }

  Digest digest() {
    return Digest.sha256(hash.digest());
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] data, int offset, int length) {
    bytes += length;
    if (length > chunk.length - filled) {
      flush();
    }
    if (length >= chunk.length) {
      hash.update(data, offset, length);
    } else {
      System.arraycopy(data, offset, chunk, filled, length);
      filled += length;
    }
  }

  @Override
  public void flush() {
    if (isGivenUp.getAsBoolean()) {
      throw new JcomposeException.Cancelled("the build was given up");
    }
    hash.update(chunk, 0, filled);
    filled = 0;
  }
}
