package io.jcompose.build.solve;

import io.jcompose.build.context.Content;
import io.jcompose.build.context.Copying;
import io.jcompose.build.context.Selected;
import io.jcompose.build.context.TreeDigest;
import io.jcompose.core.Digest;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.ArchiveInput;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.library.NativeSha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What ADD unpacks: tar archives, plain or compressed, told by their first bytes. */
final class Unpacking {
  private Unpacking() {}

  /** Whether it is a file that can be unpacked. */
  static boolean isArchive(Selected selected) {
    try (ForeignFile file = selected.open()) {
      if (!file.status().isRegular()) {
        return false;
      }
      try (FileFd open = file.read();
          InputStream in = new FileInput(open, Long.MAX_VALUE)) {
        return ArchiveInput.isTar(in);
      }
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Unpacks an archive into a directory that is there.
   *
   * @return what was read of it, as {@link TreeDigest#of} has it of the file
   */
  static Digest unpack(
      Selected selected,
      DirectoryFd root,
      String target,
      Copying.@Nullable Owner owner,
      BooleanSupplier isGivenUp)
      throws IOException {
    TreeWriter.Owner owners =
        owner == null
            ? new TreeWriter.Owner.OfArchive()
            : new TreeWriter.Owner.User(owner.uid(), owner.gid());
    try (ForeignFile file = selected.open();
        FileFd open = file.read()) {
      FileStatus status = open.stat();
      FileInput read = new FileInput(open, status.sizeBytes());
      try (InputStream tar = new Wanted(ArchiveInput.open(read), isGivenUp);
          DirectoryFd directory = root.openInRoot(target.getBytes(StandardCharsets.UTF_8))) {
        TreeWriter.unpack(tar, directory, new TreeWriter.Options(owners, "", "", IdMap.HOST));
      }
      InputStream rest = new Wanted(read, isGivenUp);
      rest.transferTo(OutputStream.nullOutputStream());
      return TreeDigest.of(selected, file, status, read.content());
    }
  }

  /** What is unpacked, as long as somebody wants it. */
  private static final class Wanted extends FilterInputStream {
    private final BooleanSupplier isGivenUp;

    Wanted(InputStream in, BooleanSupplier isGivenUp) {
      super(in);
      this.isGivenUp = isGivenUp;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (isGivenUp.getAsBoolean()) {
        throw new JcomposeException.Cancelled("the build was given up");
      }
      return super.read(target, offset, length);
    }
  }

  /** The first bytes of a file as a stream, which does not close it, and what they are. */
  private static final class FileInput extends InputStream {
    private final FileFd file;
    private final long most;
    private final MessageDigest hash = NativeSha256.create();
    private long size;

    FileInput(FileFd file, long most) {
      this.file = file;
      this.most = most;
    }

    Content content() {
      return new Content(size, Digest.sha256(hash.digest()));
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      byte[] chunk = new byte[(int) Math.min(length, most - size)];
      int count = chunk.length == 0 ? 0 : file.read(chunk);
      System.arraycopy(chunk, 0, target, offset, count);
      hash.update(chunk, 0, count);
      size += count;
      return count == 0 ? -1 : count;
    }
  }
}
