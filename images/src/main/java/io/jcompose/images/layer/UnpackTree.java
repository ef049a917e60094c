package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarEntry.raw;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.TreeRemoval;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a layer in the making. A path is walked one component at a time with
 * O_NOFOLLOW; symbolic links of the layer are resolved here, inside the root, and {@code ..} never
 * reaches the kernel, so nothing outside can be named. Open directories are kept for the next
 * entry; what a layer has many of is kept on disk, not in memory. Confined to one thread; the owner
 * closes it.
 */
final class UnpackTree implements AutoCloseable {
  private static final int OPEN_LIMIT = 256;
  private static final int LINK_LIMIT = 40;

  private static final byte[] OPAQUE = {'y'};
  private static final String DEFAULT_ACL = "system.posix_acl_default";

  private final Directory root;
  private final Map<String, Directory> open = new LinkedHashMap<>(64, 0.75f, true);
  private final DeferredAttributes attributes;
  private @Nullable String pinned;
  private int implied;

  UnpackTree(DirectoryFd root) {
    this.root = new Directory(root, "");
    this.attributes = new DeferredAttributes(Path.of("/proc/self/fd/" + root.fd()));
  }

  /** An open directory and its path without links; empty for the root. */
  record Directory(DirectoryFd fd, String path) {
    String child(String name) {
      return path.isEmpty() ? name : path + "/" + name;
    }
  }

  /** Opens a directory, making what is missing on the way; valid until the next few calls. */
  Directory directory(String path) {
    return Objects.requireNonNull(walk(path, true, LINK_LIMIT));
  }

  /** As {@link #directory}, but valid until the next call of this method. */
  Directory pinned(String path) {
    Directory directory = directory(path);
    pinned = directory.path;
    return directory;
  }

  /** Opens a directory where the layer has it by now; null else. */
  @Nullable Directory find(String path) {
    return walk(path, false, LINK_LIMIT);
  }

  private @Nullable Directory walk(String path, boolean make, int linkLimit) {
    Directory cached = path.isEmpty() ? root : open.get(path);
    if (cached != null) {
      return cached;
    }
    Deque<String> pending = new ArrayDeque<>(LayerPaths.components(path));
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
      Child child = openChild(current, name, make);
      if (child.directory != null) {
        real.add(name);
        current = child.directory;
        continue;
      }
      if (child.link == null || (!make && links == linkLimit)) {
        return null;
      }
      if (++links > linkLimit) {
        throw new JcomposeException.Corrupt("too many symbolic links at " + path + " in a layer");
      }
      if (child.link.startsWith("/")) {
        real.clear();
        current = root;
      }
      LayerPaths.components(child.link).reversed().forEach(pending::push);
    }
    return current;
  }

  /**
   * Notes what a directory shall look like in the end, when nothing is added to it any more.
   *
   * @param fresh false when it was there before
   */
  void describe(String path, TarEntry entry, boolean fresh) {
    byte[] defaultAcl = entry.xattrs().getOrDefault(DEFAULT_ACL, new byte[0]);
    attributes.add(DeferredAttributes.Directory.of(path, entry, defaultAcl));
    boolean wasImplied = !fresh && implied > 0 && LayerMarks.isImplied(directory(path).fd);
    if (wasImplied) {
      directory(path).fd.removeXattr(LayerMarks.IMPLIED);
      implied--;
    }
    if (entry.xattrs().size() > (defaultAcl.length > 0 ? 1 : 0)) {
      Map<String, byte[]> now = new HashMap<>(entry.xattrs());
      now.remove(DEFAULT_ACL); // what is made in it would inherit it
      new Xattrs(path).set(now, directory(path).fd::setXattr);
    }
  }

  void markOpaque(Directory directory) {
    directory.fd.setXattr("trusted.overlay.opaque", OPAQUE);
  }

  /** Removes what has the name, with all below it. */
  void remove(Directory parent, String name) {
    String path = parent.child(name);
    boolean directory = parent.fd.stat(raw(name)).filter(FileStatus::isDirectory).isPresent();
    if (directory) {
      closeBelow(path);
    }
    TreeRemoval.remove(parent.fd, raw(name));
  }

  /** Gives the directories their owners, modes and times, as their last entries have them. */
  void finish() {
    attributes.forEach(this::finish);
  }

  private void finish(DeferredAttributes.Directory described) {
    Directory directory = walk(described.path(), false, 0);
    if (directory == null || !directory.path.equals(described.path())) {
      return; // a later entry took its place
    }
    if (implied > 0 && LayerMarks.isImplied(directory.fd)) {
      return; // it was removed, and is there for what is in it
    }
    described.apply(directory.fd);
    if (described.defaultAcl().length > 0) {
      Map<String, byte[]> acl = Map.of(DEFAULT_ACL, described.defaultAcl());
      new Xattrs(described.path()).set(acl, directory.fd::setXattr);
    }
  }

  /** True when there are directories that exist only because something is in them. */
  boolean hasImplied() {
    return implied > 0;
  }

  @Override
  public void close() {
    open.values().forEach(directory -> directory.fd.close());
    open.clear();
    attributes.close();
  }

  /**
   * What has a name: a directory, or a link with its target, or, where nothing is made, neither.
   */
  private record Child(@Nullable Directory directory, @Nullable String link) {}

  private Child openChild(Directory parent, String name, boolean make) {
    String path = parent.child(name);
    Directory cached = open.get(path);
    if (cached != null) {
      return new Child(cached, null);
    }
    LayerPaths.checkDepth(path);
    try {
      return new Child(keep(new Directory(parent.fd.openDirectory(raw(name)), path)), null);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return new Child(make ? makeImplied(parent, name) : null, null);
      }
      if (!e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
        throw e;
      }
    }
    FileStatus status = parent.fd.stat(raw(name)).orElseThrow();
    if (status.isSymlink()) {
      return new Child(null, linkTarget(parent, name));
    }
    if (!make) {
      return new Child(null, null);
    }
    if (status.isWhiteout()) {
      parent.fd.unlink(raw(name));
      Directory made = makeImplied(parent, name);
      markOpaque(made);
      return new Child(made, null);
    }
    throw new JcomposeException.Corrupt("a layer has entries below " + path + ", which is a file");
  }

  private Directory makeImplied(Directory parent, String name) {
    parent.fd.mkdir(raw(name), 0755);
    parent.fd.chmod(raw(name), 0755);
    Directory made = keep(new Directory(parent.fd.openDirectory(raw(name)), parent.child(name)));
    made.fd.setXattr(LayerMarks.IMPLIED, LayerMarks.MARK);
    implied++;
    return made;
  }

  private static String linkTarget(Directory parent, String name) {
    return new String(parent.fd.readLink(raw(name)), StandardCharsets.ISO_8859_1);
  }

  private Directory keep(Directory directory) {
    open.put(directory.path, directory);
    if (open.size() > OPEN_LIMIT) {
      Iterator<Directory> byAge = open.values().iterator();
      Directory eldest = byAge.next();
      if (eldest.path.equals(pinned)) {
        eldest = byAge.next();
      }
      byAge.remove();
      eldest.fd.close();
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
