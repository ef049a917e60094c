package io.jcompose.build.context;

import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;

/**
 * What selected files are, for the key of a step: names, types, permissions, contents, targets of
 * links, and of an image's files owners and capabilities; not their times. Confined to one thread.
 */
public final class TreeDigest implements Selected.Visitor {
  private static final int BUFFER = 1 << 17;

  private final MessageDigest all = NativeSha256.create();
  private final byte[] buffer = new byte[BUFFER];
  private final boolean owners;
  private final BooleanSupplier isGivenUp;

  private TreeDigest(boolean owners, BooleanSupplier isGivenUp) {
    this.owners = owners;
    this.isGivenUp = isGivenUp;
  }

  /** 32 bytes. */
  public static byte[] of(Selected selected, BooleanSupplier isGivenUp) throws IOException {
    TreeDigest digest = new TreeDigest(selected.source().keepsOwners(), isGivenUp);
    selected.walk(digest);
    return digest.all.digest();
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
      case REGULAR -> content(path, file);
      case SYMLINK -> {
        byte[] target = file.linkTarget();
        head('l', path, status, target.length);
        all.update(target);
      }
      default -> head('n', path, status, status.device());
    }
    if (owners) {
      byte[] capability = file.xattrs().get("security.capability");
      if (capability != null) {
        all.update(capability);
      }
    }
  }

  private void content(String path, ForeignFile file) throws IOException {
    try (FileFd open = file.read()) {
      FileStatus status = open.stat();
      MessageDigest content = NativeSha256.create();
      long size = 0;
      for (int n = open.read(buffer); n > 0; n = open.read(buffer)) {
        content.update(buffer, 0, n);
        size += n;
        Copying.requireWanted(isGivenUp);
      }
      head('f', path, status, size);
      all.update(content.digest());
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
