package io.jcompose.build.context;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What selected files are, for the key of a step: names, types, permissions, contents, targets of
 * links, and of an image's files owners and capabilities; not their times. Who copies them makes
 * the same of what is copied, so that a change in between shows. Confined to one thread.
 */
public final class TreeDigest implements Selected.Visitor {
  private static final int BUFFER = 1 << 17;
  private static final String CAPABILITY = "security.capability";

  private final MessageDigest all = NativeSha256.create();
  private final byte[] buffer = new byte[BUFFER];
  private final boolean owners;
  private final BooleanSupplier isGivenUp;

  /**
   * A regular file's content.
   *
   * @param size bytes
   */
  public record Content(long size, Digest digest) {}

  TreeDigest(boolean owners, BooleanSupplier isGivenUp) {
    this.owners = owners;
    this.isGivenUp = isGivenUp;
  }

  /** Reads them all. */
  public static Digest of(Selected selected, BooleanSupplier isGivenUp) throws IOException {
    TreeDigest digest = new TreeDigest(selected.source().keepsOwners(), isGivenUp);
    selected.walk(digest);
    return digest.result();
  }

  /** Of a single file, of which somebody else has read the content. */
  public static Digest of(Selected selected, ForeignFile file, FileStatus status, Content content) {
    TreeDigest digest = new TreeDigest(selected.source().keepsOwners(), () -> false);
    digest.regular("", status, content, digest.capability(file));
    return digest.result();
  }

  Digest result() {
    return Digest.sha256(all.digest());
  }

  @Override
  public void enter(String path, ForeignFile directory) {
    head('d', path, directory.status(), 0);
  }

  @Override
  public void leave(String path, ForeignFile directory) {
    all.update((byte) ')');
  }

  @Override
  public void file(String path, ForeignFile file) throws IOException {
    FileStatus status = file.status();
    switch (status.type()) {
      case REGULAR -> {
        try (FileFd open = file.read()) {
          FileStatus now = open.stat();
          regular(path, now, content(open, now.sizeBytes()), capability(file));
        }
      }
      case SYMLINK -> link(path, status, file.linkTarget());
      default -> head('n', path, status, status.device());
    }
  }

  void link(String path, FileStatus status, byte[] target) {
    head('l', path, status, target.length);
    all.update(target);
  }

  void regular(String path, FileStatus status, Content content, byte @Nullable [] capability) {
    head('f', path, status, content.size());
    all.update(content.digest().hex().getBytes(StandardCharsets.US_ASCII));
    if (owners) {
      all.update((byte) (capability == null ? 0 : 1));
      all.update(capability == null ? new byte[0] : capability);
    }
  }

  /** Which is no part of a context's file. */
  byte @Nullable [] capability(ForeignFile file) {
    return owners ? file.xattrs().get(CAPABILITY) : null;
  }

  /**
   * What a file has from its beginning, which is where its position is.
   *
   * @param most what comes after so many bytes is not read: it was not there at first
   */
  Content content(FileFd file, long most) {
    MessageDigest content = NativeSha256.create();
    long size = 0;
    int count = file.read(buffer);
    while (count > 0 && size < most) {
      int taken = (int) Math.min(count, most - size);
      content.update(buffer, 0, taken);
      size += taken;
      requireWanted(isGivenUp);
      count = size < most ? file.read(buffer) : 0;
    }
    return new Content(size, Digest.sha256(content.digest()));
  }

  static void requireWanted(BooleanSupplier isGivenUp) {
    if (isGivenUp.getAsBoolean()) {
      throw new JcomposeException.Cancelled("the build was given up");
    }
  }

  private void head(char type, String path, FileStatus status, long number) {
    byte[] name = path.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer head = ByteBuffer.allocate(name.length + 32);
    int mode = status.isSymlink() ? 0777 : status.mode();
    head.put((byte) type).putInt(name.length).put(name).putInt(mode).putLong(number);
    if (owners) {
      head.putInt(status.uid()).putInt(status.gid());
    }
    all.update(head.array(), 0, head.position());
  }
}
