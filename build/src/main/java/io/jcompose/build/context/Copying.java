package io.jcompose.build.context;

import io.jcompose.core.Digest;
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
  private static final long WRITTEN_WHOLE = 1 << 16; // bytes
  private static final int PERMISSIONS = 07777;
  private static final int LINKS_REMEMBERED = 100_000;

  private final DirectoryFd root;
  private final Rules rules;
  private final BooleanSupplier isGivenUp;
  private final Map<Inode, First> links = new HashMap<>();
  private final Deque<DirectoryFd> open = new ArrayDeque<>();
  private final String top;
  private final boolean ofImage;
  private final TreeDigest copied;

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

  /** Where the first name of a file with several was copied to, and what was in it. */
  private record First(String path, Content content) {}

  private Copying(
      DirectoryFd root, String top, Rules rules, boolean ofImage, BooleanSupplier isGivenUp) {
    this.root = root;
    this.top = top;
    this.rules = rules;
    this.ofImage = ofImage;
    this.isGivenUp = isGivenUp;
    this.copied = new TreeDigest(ofImage, isGivenUp, null, null);
  }

  /**
   * Copies one thing to a path.
   *
   * @param target without slashes at its ends, UTF-8; of a directory, where its content goes
   * @return what was copied, as {@link TreeDigest#of} has it where nothing changed meanwhile
   */
  public static Digest copy(
      Selected selected, DirectoryFd root, String target, Rules rules, BooleanSupplier isGivenUp)
      throws IOException {
    Copying copying = new Copying(root, target, rules, selected.source().keepsOwners(), isGivenUp);
    try {
      selected.walk(copying);
      return copying.copied.result();
    } finally {
      copying.open.forEach(DirectoryFd::close);
    }
  }

  /**
   * Makes a directory with those above it that are missing, which belong to the owner. A link that
   * leads to nothing gets what it leads to.
   */
  public static void makeDirectories(DirectoryFd root, String path, Owner owner) {
    String done = "";
    for (String part : Links.real(root, path).split("/")) {
      if (!part.isEmpty()) {
        makeDirectory(root, done, part, owner);
        done = done.isEmpty() ? part : done + "/" + part;
      }
    }
  }

  private static void makeDirectory(DirectoryFd root, String above, String part, Owner owner) {
    try (DirectoryFd parent = root.openInRoot(raw(above))) {
      byte[] name = raw(part);
      Optional<FileStatus> there = parent.stat(name);
      if (there.isEmpty()) {
        parent.mkdir(name, 0755);
        parent.chmod(name, 0755);
        parent.chown(name, owner.uid, owner.gid);
      } else if (!there.get().isDirectory()) {
        throw new JcomposeException.InvalidArgument(shown(above, part) + " is no directory");
      }
    } catch (KernelException e) {
      throw explained(e, shown(above, part).substring(1));
    }
  }

  private static String shown(String above, String part) {
    return (above.isEmpty() ? "/" : "/" + above + "/") + part;
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
    TreeDigest.requireWanted(isGivenUp);
    copied.enter(path, directory);
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
      copied.leave(path, directory);
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
    TreeDigest.requireWanted(isGivenUp);
    if (!path.isEmpty()) {
      put(open.getLast(), path, name(path), top + "/" + Selected.utf8(path), file);
      return;
    }
    String target = Links.real(root, top);
    String parent = Links.parent(target);
    makeDirectories(root, parent, rules.owner == null ? Owner.ROOT : rules.owner);
    try (DirectoryFd directory = root.openInRoot(raw(parent))) {
      put(directory, path, raw(Links.name(target)), target, file);
    } catch (KernelException e) {
      throw explained(e, top);
    }
  }

  private void put(DirectoryFd parent, String path, byte[] name, String shown, ForeignFile file)
      throws IOException {
    clear(parent, name, shown);
    FileStatus status = file.status();
    Owner owner = owner(status);
    switch (status.type()) {
      case REGULAR -> {
        if (!linked(parent, path, name, file)) {
          regular(parent, path, name, shown, file);
        }
      }
      case SYMLINK -> {
        byte[] target = file.linkTarget();
        parent.symlink(target, name);
        parent.chown(name, owner.uid, owner.gid);
        parent.setMtime(name, status.mtimeSeconds(), status.mtimeNanos());
        copied.link(path, status, target);
      }
      case FIFO, CHARACTER, BLOCK -> {
        parent.mknod(name, (status.mode() & ~PERMISSIONS) | 0600, status.device());
        parent.chown(name, owner.uid, owner.gid);
        parent.chmod(name, mode(status));
        copied.file(path, file);
      }
      default -> copied.file(path, file);
    }
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
  private boolean linked(DirectoryFd parent, String path, byte[] name, ForeignFile file) {
    FileStatus status = file.status();
    First first = ofImage ? links.get(new Inode(status.fileSystem(), status.inode())) : null;
    if (first == null) {
      return false;
    }
    try (DirectoryFd from = root.openInRoot(raw(Links.parent(first.path)))) {
      parent.link(from, raw(Links.name(first.path)), name);
    } catch (KernelException e) {
      return false;
    }
    copied.regular(path, status, first.content, copied.capability(file));
    return true;
  }

  private void remember(FileStatus status, String shown, Content content) {
    if (ofImage && status.links() > 1 && links.size() < LINKS_REMEMBERED) {
      links.put(new Inode(status.fileSystem(), status.inode()), new First(shown, content));
    }
  }

  /** A small file is written as it is read; of a larger one the kernel copies what is no hole. */
  private void regular(
      DirectoryFd parent, String path, byte[] name, String shown, ForeignFile file) {
    try (FileFd from = file.read();
        FileFd to = parent.createFile(name, 0600)) {
      FileStatus status = from.stat();
      boolean isSmall = status.sizeBytes() <= WRITTEN_WHOLE;
      Content written = isSmall ? copied.content(from, status.sizeBytes(), to) : null;
      if (written == null) {
        from.copyTo(to, status.sizeBytes());
      }
      Owner owner = owner(status);
      to.chown(owner.uid, owner.gid);
      byte[] capability = copied.capability(file);
      if (capability != null) {
        to.setXattr("security.capability", capability);
      }
      to.chmod(mode(status));
      to.setMtime(status.mtimeSeconds(), status.mtimeNanos());
      Content content = written == null ? content(parent, name) : written;
      copied.regular(path, status, content, capability);
      remember(status, shown, content);
    }
  }

  /** Of the copy, which nobody else writes to. */
  private Content content(DirectoryFd parent, byte[] name) {
    try (FileFd copy = parent.openFile(name)) {
      return copied.content(copy, Long.MAX_VALUE);
    }
  }

  private static byte[] name(String path) {
    return path.substring(path.lastIndexOf('/') + 1).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] raw(String utf8) {
    return utf8.getBytes(StandardCharsets.UTF_8);
  }
}
