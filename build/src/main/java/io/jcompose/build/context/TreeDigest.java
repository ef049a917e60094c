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
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What selected files are, for the key of a step: names, types, permissions, contents, targets of
 * links, and of an image's files owners and capabilities; not their times. Who copies them makes
 * the same of what is copied, so that a change in between shows. Confined to one thread.
 */
public final class TreeDigest implements Selected.Visitor {
  private static final int BUFFER = 1 << 17;
  private static final int SHORT = 16; // hexadecimal digits
  private static final int PERMISSIONS = 07777;
  private static final String CAPABILITY = "security.capability";

  private final MessageDigest all = NativeSha256.create();
  private final MessageDigest ofFile = NativeSha256.create(); // one for all: it has much memory
  private final byte[] buffer = new byte[BUFFER];
  private final boolean owners;
  private final BooleanSupplier isGivenUp;
  private final @Nullable FileList list;
  private final @Nullable KnownContents known;

  /** What a tree is, and which files it has. */
  public record Seen(Digest digest, FileList files) {}

  /**
   * @param list gets each file's name; null for none
   * @param known spares reading what was read before; null where each file is to be read
   */
  TreeDigest(
      boolean owners,
      BooleanSupplier isGivenUp,
      @Nullable FileList list,
      @Nullable KnownContents known) {
    this.owners = owners;
    this.isGivenUp = isGivenUp;
    this.list = list;
    this.known = known;
  }

  /** Reads them all, but for what is known. */
  public static Seen of(
      Selected selected, BooleanSupplier isGivenUp, FileList.Room room, KnownContents known)
      throws IOException {
    FileList list = new FileList(room);
    TreeDigest digest = new TreeDigest(selected.source().keepsOwners(), isGivenUp, list, known);
    selected.walk(digest);
    return new Seen(digest.result(), list);
  }

  /** Of a single file, of which somebody else has read the content. */
  public static Digest of(Selected selected, ForeignFile file, FileStatus status, Content content) {
    TreeDigest digest = new TreeDigest(selected.source().keepsOwners(), () -> false, null, null);
    digest.regular("", status, content, digest.capability(file));
    return digest.result();
  }

  Digest result() {
    return Digest.sha256(all.digest());
  }

  @Override
  public void enter(String path, ForeignFile directory) {
    head('d', path, directory.status(), 0);
    note('d', path, directory.status(), "");
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
        requireWanted(isGivenUp);
        Optional<Content> found = known == null ? Optional.empty() : known.find(status);
        if (found.isPresent()) {
          regular(path, status, found.get(), capability(file));
        } else {
          read(path, file);
        }
      }
      case SYMLINK -> link(path, status, file.linkTarget());
      default -> {
        head('n', path, status, status.device());
        note('n', path, status, Long.toHexString(status.device()));
      }
    }
  }

  private void read(String path, ForeignFile file) {
    try (FileFd open = file.read()) {
      boolean showsChanges = known != null && open.hasNoWriter(); // before its times are read
      FileStatus now = open.stat();
      KnownContents keeper =
          known != null && showsChanges && known.showsChanges(now) ? known : null;
      Content content = content(open, now.sizeBytes());
      if (keeper != null) {
        keeper.keep(now, content);
      }
      regular(path, now, content, capability(file));
    }
  }

  void link(String path, FileStatus status, byte[] target) {
    head('l', path, status, target.length);
    all.update(target);
    if (list != null) {
      note('l', path, status, Integer.toHexString(Arrays.hashCode(target)));
    }
  }

  void regular(String path, FileStatus status, Content content, byte @Nullable [] capability) {
    head('f', path, status, content.size());
    all.update(content.digest().hex().getBytes(StandardCharsets.US_ASCII));
    if (owners) {
      all.update((byte) (capability == null ? 0 : 1));
      all.update(capability == null ? new byte[0] : capability);
    }
    note('f', path, status, content.digest().hex().substring(0, SHORT));
  }

  private void note(char type, String path, FileStatus status, String what) {
    if (list != null) {
      String owner = owners ? "," + status.uid() + ":" + status.gid() : "";
      int mode = status.isSymlink() ? 0777 : status.mode() & PERMISSIONS;
      list.add(Selected.utf8(path), type + Integer.toOctalString(mode) + owner, what);
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
    return content(file, most, null);
  }

  /** The same, and writes what it has read. */
  Content content(FileFd file, long most, @Nullable FileFd copy) {
    ofFile.reset();
    long size = 0;
    int count = file.read(buffer);
    while (count > 0 && size < most) {
      int taken = (int) Math.min(count, most - size);
      ofFile.update(buffer, 0, taken);
      if (copy != null) {
        copy.write(buffer, taken);
      }
      size += taken;
      requireWanted(isGivenUp);
      count = size < most ? file.read(buffer) : 0;
    }
    return new Content(size, Digest.sha256(ofFile.digest()));
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
