package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarEntry.raw;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.DirectoryFd;
import io.jcompose.linux.FileStatus;
import io.jcompose.linux.KernelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a layer in the making. A path is walked one component at a time with
 * O_NOFOLLOW; symbolic links of the layer are resolved here, inside the root, and {@code ..} never
 * reaches the kernel, so nothing outside can be named. Open directories are kept for the next
 * entry. Confined to one thread; the owner closes it.
 */
final class UnpackTree implements AutoCloseable {
  private static final int OPEN_LIMIT = 256;
  private static final int DEPTH_LIMIT = 120;
  private static final int LINK_LIMIT = 40;
  private static final byte[] OPAQUE = {'y'};

  private final Directory root;
  private final Map<String, Directory> open = new LinkedHashMap<>(64, 0.75f, true);
  private final TreeMap<String, TarEntry> attributes = new TreeMap<>();
  private final TreeSet<String> implied = new TreeSet<>();

  UnpackTree(DirectoryFd root) {
    this.root = new Directory(root, "");
  }

  /** An open directory and its path without links; empty for the root. */
  record Directory(DirectoryFd fd, String path) {
    String child(String name) {
      return path.isEmpty() ? name : path + "/" + name;
    }
  }

  /** Opens a directory, making what is missing on the way; valid until the next few calls. */
  Directory directory(String path) {
    Directory cached = path.isEmpty() ? root : open.get(path);
    if (cached != null) {
      return cached;
    }
    Deque<String> pending = new ArrayDeque<>(components(path));
    List<String> real = new ArrayList<>();
    Directory current = root;
    int links = 0;
    while (!pending.isEmpty()) {
      String name = pending.pop();
      if (name.equals("..")) {
        if (!real.isEmpty()) {
          real.removeLast();
        }
        current = directory(String.join("/", real));
        continue;
      }
      Directory child = openChild(current, name);
      if (child != null) {
        real.add(name);
        current = child;
        continue;
      }
      String target = linkTarget(current, name);
      if (++links > LINK_LIMIT) {
        throw new JcomposeException.Corrupt("too many symbolic links at " + path + " in a layer");
      }
      if (target.startsWith("/")) {
        real.clear();
        current = root;
      }
      components(target).reversed().forEach(pending::push);
    }
    return current;
  }

  /** Notes what a directory shall look like in the end, when nothing is added to it any more. */
  void describe(String path, TarEntry entry) {
    attributes.put(path, entry);
    implied.remove(path);
  }

  void markOpaque(Directory directory) {
    directory.fd.setXattr("trusted.overlay.opaque", OPAQUE);
  }

  /** Removes what has the name, with all below it. */
  void remove(Directory parent, String name) {
    String path = parent.child(name);
    boolean directory = parent.fd.stat(raw(name)).filter(FileStatus::isDirectory).isPresent();
    if (directory) {
      attributes.subMap(path + "/", path + "0").clear();
      implied.subSet(path + "/", path + "0").clear();
      attributes.remove(path);
      implied.remove(path);
      closeBelow(path);
    }
    parent.fd.removeTree(raw(name));
  }

  /** Gives the directories their owners, modes and times. */
  void finish() {
    attributes.forEach(
        (path, entry) -> {
          DirectoryFd fd = directory(path).fd;
          fd.setAttributes(
              entry.uid(), entry.gid(), entry.mode(), entry.mtimeSeconds(), entry.mtimeNanos());
          new Xattrs(path).set(entry.xattrs(), fd::setXattr);
        });
  }

  /** Directories that exist only because something is in them. */
  List<String> implied() {
    return List.copyOf(implied);
  }

  @Override
  public void close() {
    open.values().forEach(directory -> directory.fd.close());
    open.clear();
  }

  static List<String> components(String path) {
    List<String> components =
        Arrays.stream(path.split("/")).filter(c -> !c.isEmpty() && !c.equals(".")).toList();
    if (components.size() > DEPTH_LIMIT) {
      throw new JcomposeException.Corrupt(
          "path of " + components.size() + " levels in a layer, limit " + DEPTH_LIMIT);
    }
    return components;
  }

  private @Nullable Directory openChild(Directory parent, String name) {
    String path = parent.child(name);
    Directory cached = open.get(path);
    if (cached != null) {
      return cached;
    }
    try {
      return keep(new Directory(parent.fd.openDirectory(raw(name)), path));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return makeImplied(parent, name);
      }
      if (!e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
        throw e;
      }
    }
    FileStatus status = parent.fd.stat(raw(name)).orElseThrow();
    if (status.isSymlink()) {
      return null;
    }
    if (status.isWhiteout()) {
      parent.fd.unlink(raw(name));
      Directory made = makeImplied(parent, name);
      markOpaque(made);
      return made;
    }
    throw new JcomposeException.Corrupt("a layer has entries below " + path + ", which is a file");
  }

  private Directory makeImplied(Directory parent, String name) {
    parent.fd.mkdir(raw(name), 0755);
    parent.fd.chmod(raw(name), 0755);
    String path = parent.child(name);
    implied.add(path);
    return keep(new Directory(parent.fd.openDirectory(raw(name)), path));
  }

  private static String linkTarget(Directory parent, String name) {
    return new String(parent.fd.readLink(raw(name)), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private Directory keep(Directory directory) {
    open.put(directory.path, directory);
    if (open.size() > OPEN_LIMIT) {
      Map.Entry<String, Directory> eldest = open.entrySet().iterator().next();
      open.remove(eldest.getKey());
      eldest.getValue().fd.close();
    }
    return directory;
  }

  private void closeBelow(String path) {
    open.entrySet()
        .removeIf(
            entry -> {
              boolean below = entry.getKey().equals(path) || entry.getKey().startsWith(path + "/");
              if (below) {
                entry.getValue().fd.close();
              }
              return below;
            });
  }
}
