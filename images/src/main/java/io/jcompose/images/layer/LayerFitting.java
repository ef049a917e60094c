package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.layer.LowerLayers.Found;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Completes an unpacked layer by the layers below it. A directory without an entry of its own hides
 * the one below it in overlayfs and so must look the same; a hard link to a file that only a layer
 * below has gets that file's content. Both carry a mark until then, so that nothing of them need be
 * remembered, however many there are. Confined to one thread.
 */
public final class LayerFitting {
  private static final long COPY_LIMIT = 10L << 30;
  private static final int MODE = 07777;

  private final LowerLayers lower;
  private long copied;

  private LayerFitting(LowerLayers lower) {
    this.lower = lower;
  }

  /**
   * Completes a layer.
   *
   * @param lower the layers below, topmost first
   * @return how many bytes of files it took from them
   * @throws JcomposeException.Corrupt for a hard link to what no layer has
   * @throws JcomposeException.Cancelled when interrupted
   */
  public static long fit(Path layer, List<Path> lower) {
    LayerFitting fitting = new LayerFitting(new LowerLayers(lower));
    try (DirectoryFd root = DirectoryFd.open(layer)) {
      fitting.below(root, new ArrayList<>());
    }
    return fitting.copied;
  }

  private void below(DirectoryFd directory, List<String> path) {
    try (DirectoryNames names = directory.names()) {
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        for (byte[] name : some) {
          checkWanted();
          path.add(new String(name, StandardCharsets.ISO_8859_1));
          entry(directory, name, path);
          path.removeLast();
        }
      }
    }
  }

  /** An image may have millions of directories to look for in hundreds of layers. */
  private static void checkWanted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new JcomposeException.Cancelled("the pull was given up");
    }
  }

  private void entry(DirectoryFd directory, byte[] name, List<String> path) {
    FileStatus status = directory.stat(name).orElseThrow();
    if (status.isDirectory()) {
      try (DirectoryFd child = directory.openDirectory(name)) {
        below(child, path);
        // After what is in it, which changes its time.
        if (LayerMarks.isImplied(child)) {
          child.removeXattr(LayerMarks.IMPLIED);
          implied(child, path);
        }
      }
    } else if (status.isRegular() && status.sizeBytes() == 0) {
      byte[] target = directory.xattrs(name).get(LayerMarks.BORROWED);
      if (target != null) {
        borrow(directory, name, status, new String(target, StandardCharsets.ISO_8859_1), path);
      }
    }
  }

  private void implied(DirectoryFd directory, List<String> path) {
    try (Found found = lower.find(path, false)) {
      Optional<FileStatus> status = found.status().filter(FileStatus::isDirectory);
      if (status.isPresent()) {
        FileStatus s = status.get();
        directory.setAttributes(
            s.uid(), s.gid(), s.mode() & MODE, s.mtimeSeconds(), s.mtimeNanos());
        Map<String, byte[]> xattrs = found.parent().xattrs(found.name());
        new Xattrs(String.join("/", path)).set(xattrs, directory::setXattr);
      }
    }
  }

  private void borrow(
      DirectoryFd directory, byte[] name, FileStatus own, String target, List<String> path) {
    try (Found found = lower.find(LayerPaths.clean(target), true)) {
      FileStatus status = found.status().orElse(null);
      if (status == null || status.isDirectory() || status.isWhiteout()) {
        throw new JcomposeException.Corrupt(
            "hard link "
                + String.join("/", path)
                + " in a layer to "
                + target
                + ", which neither it nor a layer below has as a file");
      }
      if (status.isRegular()) {
        copy(found, directory, name, own);
      } else {
        replace(found, status, directory, name, own);
      }
    }
  }

  /** With its holes, for a file that is nothing else may be of any size. */
  private void copy(Found from, DirectoryFd directory, byte[] name, FileStatus own) {
    Map<String, byte[]> xattrs = new HashMap<>(from.parent().xattrs(from.name()));
    xattrs.keySet().removeIf(key -> key.startsWith("trusted."));
    try (FileFd in = from.parent().openFile(from.name());
        FileFd out = directory.overwriteFile(name)) {
      copied += in.copyTo(out, in.stat().sizeBytes());
      if (copied > COPY_LIMIT) {
        throw new JcomposeException.Corrupt(
            "hard links of a layer take more than " + COPY_LIMIT + " bytes from those below");
      }
      out.removeXattr(LayerMarks.BORROWED);
      new Xattrs(directory.toString()).set(xattrs, out::setXattr);
      out.setMtime(own.mtimeSeconds(), own.mtimeNanos());
    }
  }

  /** A link or node is made anew; its directory shall not look changed by it. */
  private static void replace(
      Found from, FileStatus status, DirectoryFd directory, byte[] name, FileStatus own) {
    FileStatus before = directory.stat();
    directory.unlink(name);
    if (status.isSymlink()) {
      directory.symlink(from.parent().readLink(from.name()), name);
    } else {
      directory.mknod(name, status.mode(), status.device());
      directory.chmod(name, own.mode() & MODE);
    }
    directory.chown(name, own.uid(), own.gid());
    directory.setMtime(name, own.mtimeSeconds(), own.mtimeNanos());
    directory.setAttributes(
        before.uid(),
        before.gid(),
        before.mode() & MODE,
        before.mtimeSeconds(),
        before.mtimeNanos());
  }
}
