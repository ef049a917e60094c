package io.jcompose.build.solve;

import io.jcompose.build.context.Copying;
import io.jcompose.build.context.Selected;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.ArchiveInput;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.ForeignFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
          InputStream in = new FileInput(open)) {
        return ArchiveInput.isTar(in);
      }
    } catch (IOException e) {
      return false;
    }
  }

  static void unpack(
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
        FileFd open = file.read();
        InputStream tar = new Wanted(ArchiveInput.open(new FileInput(open)), isGivenUp);
        DirectoryFd directory = root.openInRoot(target.getBytes(StandardCharsets.UTF_8))) {
      TreeWriter.unpack(tar, directory, new TreeWriter.Options(owners, "", "", IdMap.HOST));
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

  /** A descriptor as a stream, which does not close it. */
  private static final class FileInput extends InputStream {
    private final FileFd file;

    FileInput(FileFd file) {
      this.file = file;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return file.read(one) == 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      byte[] chunk = new byte[length];
      int count = file.read(chunk);
      System.arraycopy(chunk, 0, target, offset, count);
      return count == 0 ? -1 : count;
    }
  }
}
