package io.jcompose.build.context;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Copies selected files into a root file system, as COPY does: directories are merged, files
 * replaced, owners and permissions set. Whatever links the root has lead nowhere outside of it.
 * Confined to one thread.
 */
public final class Copying implements Selected.Visitor {
  private static final int PERMISSIONS = 07777;
  private static final int DETOURS = 40;
  private static final int LINKS_REMEMBERED = 100_000;

  private final DirectoryFd root;
  private final Rules rules;
  private final BooleanSupplier isGivenUp;
  private final Map<Inode, String> links = new HashMap<>();
  private final Deque<DirectoryFd> open = new ArrayDeque<>();
  private final String top;
  private final boolean ofImage;

  /**
   * How it is copied.
   *
   * @param owner null keeps an image's owners, and gives a context's files to root
   * @param mode of files and directories; null keeps theirs
   */
  public record Rules(@Nullable Owner owner, @Nullable FileMode mode) {}

  /** Who owns it, by numbers. */
  public record Owner(int uid, int gid) {
    public static final Owner ROOT = new Owner(0, 0);
  }

  private record Inode(long fileSystem, long inode) {}

  private Copying(
      DirectoryFd root, String top, Rules rules, boolean ofImage, BooleanSupplier isGivenUp) {
    this.root = root;
    this.top = top;
    this.rules = rules;
    this.ofImage = ofImage;
    this.isGivenUp = isGivenUp;
  }

  /**
   * Copies one thing to a path.
   *
   * @param target without slashes at its ends, UTF-8; of a directory, where its content goes
   */
  public static void copy(
      Selected selected, DirectoryFd root, String target, Rules rules, BooleanSupplier isGivenUp)
      throws IOException {
    Copying copying = new Copying(root, target, rules, selected.source().keepsOwners(), isGivenUp);
    try {
      selected.walk(copying);
    } finally {
      copying.open.forEach(DirectoryFd::close);
    }
  }

  /**
   * Makes a directory with those above it that are missing, which belong to the owner. A link that
   * leads to nothing gets what it leads to.
   */
  public static void makeDirectories(DirectoryFd root, String path, Owner owner) {
    makeDirectories(root, path, owner, 0);
  }

  private static void makeDirectories(DirectoryFd root, String path, Owner owner, int depth) {
    if (depth > DETOURS) {
      throw new JcomposeException.InvalidArgument("/" + path + ": too many symbolic links");
    }
    String done = "";
    for (String part : path.split("/")) {
      if (!part.isEmpty()) {
        done = Links.follow(root, done.isEmpty() ? part : done + "/" + part);
        if (!done.isEmpty()) {
          makeDirectory(root, done, owner, depth);
        }
      }
    }
  }

  private static void makeDirectory(DirectoryFd root, String path, Owner owner, int depth) {
    int cut = path.lastIndexOf('/');
    String above = cut < 0 ? "" : path.substring(0, cut);
    if (!isDirectory(root, above)) {
      makeDirectories(root, above, owner, depth + 1); // a link led to where nothing is
    }
    try (DirectoryFd parent = root.openInRoot(raw(above))) {
      byte[] name = raw(path.substring(cut + 1));
      Optional<FileStatus> there = parent.stat(name);
      if (there.isEmpty()) {
        parent.mkdir(name, 0755);
        parent.chmod(name, 0755);
        parent.chown(name, owner.uid, owner.gid);
      } else if (!there.get().isDirectory()) {
        throw new JcomposeException.InvalidArgument("/" + path + " is no directory");
      }
    } catch (KernelException e) {
      throw explained(e, path);
    }
  }

  static void requireWanted(BooleanSupplier isGivenUp) {
    if (isGivenUp.getAsBoolean()) {
      throw new JcomposeException.Cancelled("the build was given up");
    }
  }

  private static RuntimeException explained(KernelException e, String path) {
    if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
      return new JcomposeException.InvalidArgument(
          "/" + path + " cannot be made: a link or a file is in the way");
    }
    return e;
  }

  @Override
  public void enter(String path, ForeignFile directory) {
    requireWanted(isGivenUp);
    FileStatus status = directory.status();
    if (path.isEmpty()) {
      boolean made = !isDirectory(root, top);
      Owner owner = rules.owner == null ? Owner.ROOT : rules.owner;
      if (made) {
        makeDirectories(root, top, owner);
      }
      DirectoryFd itself = openTop();
      open.addLast(itself);
      if (made && rules.mode != null) { // it is none of the source's own
        itself.setAttributes(
            owner.uid, owner.gid, rules.mode.of(0755, true), status.mtimeSeconds(), 0);
      }
      return;
    }
    DirectoryFd parent = open.getLast();
    byte[] name = name(path);
    Optional<FileStatus> there = parent.stat(name);
    if (there.isPresent() && !there.get().isDirectory()) {
      if (there.get().isSymlink()) {
        DirectoryFd behind = behind(path);
        open.addLast(behind);
        return;
      }
      throw new JcomposeException.InvalidArgument(
          "cannot copy a directory over the file /" + top + "/" + Selected.utf8(path));
    }
    if (there.isEmpty()) {
      parent.mkdir(name, 0700);
    }
    open.addLast(parent.openDirectory(name));
  }

  /** A directory that a link of the root's leads to. */
  private DirectoryFd behind(String path) {
    try {
      return root.openInRoot((utf8Raw(top) + "/" + path).getBytes(StandardCharsets.ISO_8859_1));
    } catch (KernelException e) {
      throw explained(e, top + "/" + Selected.utf8(path));
    }
  }

  private static String utf8Raw(String utf8) {
    return new String(raw(utf8), StandardCharsets.ISO_8859_1);
  }

  private DirectoryFd openTop() {
    try {
      return root.openInRoot(raw(top));
    } catch (KernelException e) {
      throw explained(e, top);
    }
  }

  /** Whether a path leads to a directory. */
  public static boolean isDirectory(DirectoryFd root, String path) {
    try (DirectoryFd _ = root.openInRoot(raw(path))) {
      return true;
    } catch (KernelException e) {
      return false;
    }
  }

  @Override
  public void leave(String path, ForeignFile directory) {
    try (DirectoryFd done = open.removeLast()) {
      if (!path.isEmpty()) {
        describe(done, directory.status());
      }
    }
  }

  private void describe(DirectoryFd directory, FileStatus status) {
    Owner owner = owner(status);
    directory.setAttributes(
        owner.uid, owner.gid, mode(status), status.mtimeSeconds(), status.mtimeNanos());
  }

  private Owner owner(FileStatus status) {
    if (rules.owner != null) {
      return rules.owner;
    }
    return ofImage ? new Owner(status.uid(), status.gid()) : Owner.ROOT;
  }

  private int mode(FileStatus status) {
    int own = status.mode() & PERMISSIONS;
    return rules.mode == null ? own : rules.mode.of(own, status.isDirectory());
  }

  @Override
  public void file(String path, ForeignFile file) throws IOException {
    requireWanted(isGivenUp);
    if (!path.isEmpty()) {
      put(open.getLast(), name(path), top + "/" + Selected.utf8(path), file);
      return;
    }
    String target = Links.follow(root, top);
    int cut = target.lastIndexOf('/');
    String parent = cut < 0 ? "" : target.substring(0, cut);
    makeDirectories(root, parent, rules.owner == null ? Owner.ROOT : rules.owner);
    try (DirectoryFd directory = root.openInRoot(raw(parent))) {
      put(directory, raw(target.substring(cut + 1)), target, file);
    } catch (KernelException e) {
      throw explained(e, top);
    }
  }

  private void put(DirectoryFd parent, byte[] name, String shown, ForeignFile file)
      throws IOException {
    clear(parent, name, shown);
    FileStatus status = file.status();
    Owner owner = owner(status);
    switch (status.type()) {
      case REGULAR -> {
        if (!linked(parent, name, shown, status)) {
          regular(parent, name, file, owner);
        }
        return;
      }
      case SYMLINK -> parent.symlink(file.linkTarget(), name);
      case FIFO, CHARACTER, BLOCK -> {
        parent.mknod(name, (status.mode() & ~PERMISSIONS) | 0600, status.device());
        parent.chown(name, owner.uid, owner.gid);
        parent.chmod(name, mode(status));
        return;
      }
      default -> {
        return;
      }
    }
    parent.chown(name, owner.uid, owner.gid);
    parent.setMtime(name, status.mtimeSeconds(), status.mtimeNanos());
  }

  private static void clear(DirectoryFd parent, byte[] name, String shown) {
    Optional<FileStatus> there = parent.stat(name);
    if (there.filter(FileStatus::isDirectory).isPresent()) {
      throw new JcomposeException.InvalidArgument(
          "cannot copy a file over the directory /" + shown);
    }
    if (there.isPresent()) {
      parent.unlink(name);
    }
  }

  /** True when it is a further name of a file that is copied already. */
  private boolean linked(DirectoryFd parent, byte[] name, String shown, FileStatus status) {
    if (status.links() < 2 || !ofImage) {
      return false;
    }
    Inode inode = new Inode(status.fileSystem(), status.inode());
    String first = links.get(inode);
    if (first == null) {
      if (links.size() < LINKS_REMEMBERED) {
        links.put(inode, shown);
      }
      return false;
    }
    int cut = first.lastIndexOf('/');
    try (DirectoryFd from = root.openInRoot(raw(cut < 0 ? "" : first.substring(0, cut)))) {
      parent.link(from, raw(first.substring(cut + 1)), name);
      return true;
    } catch (KernelException e) {
      return false;
    }
  }

  private void regular(DirectoryFd parent, byte[] name, ForeignFile file, Owner owner) {
    try (FileFd from = file.read();
        FileFd to = parent.createFile(name, 0600)) {
      FileStatus status = from.stat();
      from.copyTo(to, status.sizeBytes());
      to.chown(owner.uid, owner.gid);
      byte[] capability = ofImage ? file.xattrs().get("security.capability") : null;
      if (capability != null) {
        to.setXattr("security.capability", capability);
      }
      to.chmod(mode(status));
      to.setMtime(status.mtimeSeconds(), status.mtimeNanos());
    }
  }

  private static byte[] name(String path) {
    return path.substring(path.lastIndexOf('/') + 1).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] raw(String utf8) {
    return utf8.getBytes(StandardCharsets.UTF_8);
  }
}
