package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarEntry.raw;

import io.jcompose.linux.DirectoryFd;
import io.jcompose.linux.FileStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fits the directories that a layer has without an entry of their own to the layers below: such a
 * directory hides the one below it in overlayfs and so must look the same.
 */
public final class ImpliedDirectories {
  private ImpliedDirectories() {}

  /**
   * Copies owner, mode, time and extended attributes.
   *
   * @param implied as {@link LayerUnpacker.Result} has them
   * @param lower the layers below, topmost first
   */
  public static void fit(Path layer, List<String> implied, List<Path> lower) {
    // Deepest first, so that no directory's time is changed after it was set.
    for (String path : implied.reversed()) {
      List<String> components = UnpackTree.components(path);
      for (Path below : lower) {
        if (fit(layer, components, below)) {
          break;
        }
      }
    }
  }

  private static boolean fit(Path layer, List<String> components, Path below) {
    try (Walk from = new Walk(below)) {
      for (String name : components.subList(0, components.size() - 1)) {
        Optional<FileStatus> status = from.current().stat(raw(name));
        if (status.isEmpty()) {
          return from.sawOpaque;
        }
        if (!status.get().isDirectory()) {
          return true;
        }
        from.enter(name);
      }
      String last = components.getLast();
      Optional<FileStatus> status = from.current().stat(raw(last));
      if (status.isEmpty()) {
        return from.sawOpaque;
      }
      if (status.get().isDirectory()) {
        copy(layer, components, status.get(), from.current().xattrs(raw(last)));
      }
      return true;
    }
  }

  private static void copy(
      Path layer, List<String> components, FileStatus status, Map<String, byte[]> xattrs) {
    try (Walk to = new Walk(layer)) {
      components.forEach(to::enter);
      to.current()
          .setAttributes(
              status.uid(),
              status.gid(),
              status.mode() & 07777,
              status.mtimeSeconds(),
              status.mtimeNanos());
      new Xattrs(String.join("/", components)).set(xattrs, to.current()::setXattr);
    }
  }

  /** A way down through directories, open until the end. */
  private static final class Walk implements AutoCloseable {
    private final List<DirectoryFd> opened = new ArrayList<>();
    private boolean sawOpaque;

    Walk(Path root) {
      opened.add(DirectoryFd.open(root));
    }

    DirectoryFd current() {
      return opened.getLast();
    }

    void enter(String name) {
      sawOpaque |= current().xattrs(raw(name)).containsKey("trusted.overlay.opaque");
      opened.add(current().openDirectory(raw(name)));
    }

    @Override
    public void close() {
      opened.forEach(DirectoryFd::close);
    }
  }
}
