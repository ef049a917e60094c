package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarEntry.raw;

import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What layers, stacked as overlayfs does, have at a path: whiteouts and opaque directories hide
 * what is below them.
 *
 * @param layers topmost first
 */
record LowerLayers(List<Path> layers) {
  private static final int LINK_LIMIT = 40;
  private static final String OPAQUE = "trusted.overlay.opaque";

  /**
   * An entry, and the directories that were opened on the way to it, which are closed with it.
   *
   * @param status empty when there is nothing at the path
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Found(List<DirectoryFd> opened, byte[] name, Optional<FileStatus> status)
      implements AutoCloseable {
    DirectoryFd parent() {
      return opened.getLast();
    }

    @Override
    public void close() {
      opened.forEach(DirectoryFd::close);
    }
  }

  /**
   * Finds the topmost entry of a path, itself when it is a link.
   *
   * @param follow whether links on the way are followed, inside the root
   */
  Found find(List<String> path, boolean follow) {
    List<String> at = path;
    for (int links = 0; links <= LINK_LIMIT && !at.isEmpty(); links++) {
      Found found = findPlain(at);
      List<String> next = follow ? behindLink(found, at) : null;
      if (next == null) {
        return found;
      }
      found.close();
      at = next;
    }
    return new Found(List.of(), new byte[0], Optional.empty());
  }

  /** The path that is meant when the entry that was found is a link on the way; null else. */
  private static @Nullable List<String> behindLink(Found found, List<String> path) {
    int depth = found.opened.size();
    if (depth >= path.size() || found.status.filter(FileStatus::isSymlink).isEmpty()) {
      return null;
    }
    String target = new String(found.parent().readLink(found.name), StandardCharsets.ISO_8859_1);
    String before = target.startsWith("/") ? "" : String.join("/", path.subList(0, depth - 1));
    String rest = String.join("/", path.subList(depth, path.size()));
    // "/" first: what leads out of the root ends there, as in a chroot.
    return LayerPaths.clean("/" + before + "/" + target + "/" + rest);
  }

  /** Also ends at what is no directory on the way; its depth is the number of opened ones. */
  private Found findPlain(List<String> path) {
    for (Path layer : layers) {
      List<DirectoryFd> opened = new ArrayList<>(List.of(DirectoryFd.open(layer)));
      boolean opaque = false;
      boolean done = false;
      try {
        for (int i = 0; i < path.size(); i++) {
          byte[] name = raw(path.get(i));
          Optional<FileStatus> status = opened.getLast().stat(name);
          boolean last = i == path.size() - 1;
          if (status.isEmpty()) {
            break;
          }
          if (last || !status.get().isDirectory()) {
            done = true;
            return new Found(opened, name, status.filter(s -> last || s.isSymlink()));
          }
          opened.add(opened.getLast().openDirectory(name));
          opaque |= opened.getLast().hasXattr(OPAQUE);
        }
      } finally {
        if (!done) {
          opened.forEach(DirectoryFd::close);
        }
      }
      if (opaque) {
        break;
      }
    }
    return new Found(List.of(), new byte[0], Optional.empty());
  }
}
