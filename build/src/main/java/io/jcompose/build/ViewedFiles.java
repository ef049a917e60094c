package io.jcompose.build;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.ImageFiles;
import io.jcompose.core.build.SentFolder;
import io.jcompose.images.BuildLayers;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.mount.UnionView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The files of an image's layers, looked at through a view of them. */
final class ViewedFiles implements ImageFiles {
  private static final int MODES = 07777;
  private static final int DEPTH_LIMIT = 120; // of an image's layer too

  private final BuildLayers layers;
  private final UnionView view;

  /**
   * @param layers closed with this
   */
  ViewedFiles(BuildLayers layers, String imageId) {
    this.layers = layers;
    boolean whole = false;
    try {
      this.view = UnionView.open(layers.lower(layers.base(imageId).layers()));
      whole = true;
    } finally {
      if (!whole) {
        layers.close();
      }
    }
  }

  @Override
  public void each(Visitor visitor) throws IOException {
    try (DirectoryFd root = view.root()) {
      children(root, "", 0, visitor);
    }
  }

  private static void children(DirectoryFd folder, String prefix, int depth, Visitor visitor)
      throws IOException {
    if (depth > DEPTH_LIMIT) {
      throw new JcomposeException.NotSupported(
          "trees more than " + DEPTH_LIMIT + " directories deep are not exported");
    }
    List<byte[]> names = folder.list();
    names.sort(Arrays::compareUnsigned);
    for (byte[] name : names) {
      FileStatus status = folder.stat(name).orElse(null);
      if (status != null) {
        one(folder, name, prefix, status, visitor);
      }
      if (status != null && status.isDirectory()) {
        try (DirectoryFd inner = folder.openDirectory(name)) {
          children(inner, prefix + text(name) + "/", depth + 1, visitor);
        }
      }
    }
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.UTF_8);
  }

  private static void one(
      DirectoryFd folder, byte[] name, String prefix, FileStatus status, Visitor visitor)
      throws IOException {
    SentFolder.Entry entry =
        new SentFolder.Entry(
            prefix + text(name),
            status.mode() & MODES,
            status.mtimeSeconds(),
            status.mtimeNanos(),
            Map.of());
    Type type =
        switch (status.type()) {
          case REGULAR -> Type.REGULAR;
          case DIRECTORY -> Type.FOLDER;
          case SYMLINK -> Type.LINK;
          case FIFO -> Type.PIPE;
          default -> Type.OTHER;
        };
    String link = type == Type.LINK ? text(folder.readLink(name)) : "";
    long size = type == Type.REGULAR ? status.sizeBytes() : 0;
    File file = new File(entry, type, status.uid(), status.gid(), size, link);
    if (type != Type.REGULAR) {
      visitor.visit(file, InputStream.nullInputStream());
      return;
    }
    try (FileFd open = folder.openFile(name)) {
      visitor.visit(file, content(open));
    }
  }

  private static InputStream content(FileFd file) {
    return new InputStream() {
      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        boolean whole = offset == 0 && length == target.length;
        byte[] part = whole ? target : new byte[length];
        int count = file.read(part);
        if (!whole) {
          System.arraycopy(part, 0, target, offset, count);
        }
        return count == 0 && length > 0 ? -1 : count;
      }
    };
  }

  @Override
  public void close() {
    view.close();
    layers.close();
  }
}
