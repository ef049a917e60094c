package io.jcompose.images.archive;

import static io.jcompose.images.layer.TarEntry.raw;

import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.layer.DeferredAttributes;
import io.jcompose.images.layer.EntryData;
import io.jcompose.images.layer.TarEntry;
import io.jcompose.images.layer.TarReader;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * Unpacks a tar archive into an existing directory as docker cp does: files replace files, but no
 * directory takes the place of a file nor a file that of a directory. Nothing outside the directory
 * can be reached: no name may hold {@code ..}, and no link is followed on the way. Confined to one
 * thread.
 */
public final class TreeWriter {
  private static final int BUFFER = 1 << 17;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int FIFO = 0010000;
  private static final int SET_IDS = 06000;
  private static final int OWNER_ONLY = 0600;

  private final TarReader tar;
  private final DirectoryFd root;
  private final Options options;
  private final byte[] buffer = new byte[BUFFER];
  private final List<String> openNames = new ArrayList<>();
  private final List<DirectoryFd> open = new ArrayList<>();
  private final DeferredAttributes directories =
      new DeferredAttributes(Path.of(System.getProperty("java.io.tmpdir")));

  /** Who owns what is unpacked. */
  public sealed interface Owner {
    /** Whom the archive names. */
    record OfArchive() implements Owner {}

    /** Who unpacks. */
    record Caller() implements Owner {}

    /** One user. */
    record User(int uid, int gid) implements Owner {}
  }

  /**
   * How to unpack.
   *
   * @param from the archive's first name component that is replaced, and the only one there may be;
   *     {@code .} puts all below {@code to}; empty leaves names as they are
   * @param to its replacement
   * @param ids what the owners in the archive are on the host
   * @param onHost users of the host may reach what is unpacked, and no container's limits hold
   *     there: a device belongs to root alone then
   * @param replaces what is of another kind is replaced, folders with all that is in them
   */
  public record Options(
      Owner owner, String from, String to, IdMap ids, boolean onHost, boolean replaces) {
    /** Into a container. */
    public Options(Owner owner, String from, String to, IdMap ids) {
      this(owner, from, to, ids, false, false);
    }

    /** On the host; owners are the host's. */
    public Options(Owner owner, String from, String to) {
      this(owner, from, to, IdMap.HOST, true, false);
    }

    /** The same with names as they are. */
    public static Options plain(Owner owner) {
      return new Options(owner, "", "");
    }

    /** The same, whatever is in the way. */
    public static Options replacing(Owner owner) {
      return new Options(owner, "", "", IdMap.HOST, true, true);
    }
  }

  private TreeWriter(InputStream in, DirectoryFd root, Options options) {
    this.tar = new TarReader(in);
    this.root = root;
    this.options = options;
  }

  /**
   * Unpacks until the archive's end.
   *
   * @throws JcomposeException.InvalidArgument for an entry that would lead outside, is not of what
   *     the options name, or would replace a directory
   * @throws KernelException when the file system refuses
   */
  public static void unpack(InputStream in, DirectoryFd root, Options options) throws IOException {
    TreeWriter writer = new TreeWriter(in, root, options);
    try {
      writer.unpackAll();
    } finally {
      writer.leave(0);
      writer.directories.close();
    }
  }

  private void unpackAll() throws IOException {
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      List<String> path = path(entry.name());
      if (!path.isEmpty()) {
        apply(enter(path.subList(0, path.size() - 1)), path, entry);
      }
    }
    leave(0);
    directories.forEachReversed(this::describe);
  }

  private void apply(DirectoryFd parent, List<String> path, TarEntry entry) throws IOException {
    byte[] name = raw(path.getLast());
    if (entry.type() == '5') {
      directory(parent, path, entry);
      return;
    }
    boolean inPlace = clear(parent, name, entry);
    switch (entry.type()) {
      case '0', '7' -> file(parent, name, entry, inPlace);
      case '1' -> hardLink(parent, name, entry);
      case '2' -> {
        parent.symlink(raw(entry.linkName()), name);
        own(parent, name, entry);
      }
      case '3' -> node(parent, name, entry, CHARACTER);
      case '4' -> node(parent, name, entry, BLOCK);
      case '6' -> node(parent, name, entry, FIFO);
      default ->
          throw new JcomposeException.NotSupported(
              "tar entry of type '" + entry.type() + "': " + entry.name());
    }
  }

  private void directory(DirectoryFd parent, List<String> path, TarEntry entry) {
    byte[] name = raw(path.getLast());
    Optional<FileStatus> present = parent.stat(name);
    if (present.isPresent() && options.replaces && !present.get().isDirectory()) {
      parent.unlink(name);
      present = Optional.empty();
    }
    if (present.isEmpty()) {
      parent.mkdir(name, 0700);
    } else if (!present.get().isDirectory()) {
      throw new JcomposeException.InvalidArgument(
          "cannot overwrite non-directory \""
              + parent
              + "/"
              + path.getLast()
              + "\" with directory \""
              + entry.name()
              + "\"");
    }
    directories.add(
        new DeferredAttributes.Directory(
            String.join("/", path),
            uid(entry),
            gid(entry),
            mode(entry),
            entry.mtimeSeconds(),
            entry.mtimeNanos(),
            new byte[0]));
  }

  /**
   * Makes room for an entry. A container's mount is not this process's, so that the kernel would
   * take it away together with the file below it, and the container would see another file from
   * then on.
   *
   * @return true when what is there can only be written over, as a mounted file is
   */
  private boolean clear(DirectoryFd parent, byte[] name, TarEntry entry) {
    Optional<FileStatus> present = parent.stat(name);
    if (present.isEmpty()) {
      return false;
    }
    if (present.get().isDirectory() && options.replaces) {
      TreeRemoval.remove(parent, name);
      return false;
    }
    if (present.get().isDirectory()) {
      throw new JcomposeException.InvalidArgument(
          "cannot overwrite directory \""
              + parent
              + "/"
              + latin(name)
              + "\" with non-directory \""
              + entry.name()
              + "\"");
    }
    if (!options.onHost && present.get().isMountRoot()) {
      throw new JcomposeException.Conflict(
          "cannot replace " + latin(name) + ": it is mounted in the container, and so busy");
    }
    try {
      parent.unlink(name);
      return false;
    } catch (KernelException e) {
      if (e.is(Errno.EBUSY) && present.get().isRegular()) {
        return true;
      }
      throw e;
    }
  }

  private void file(DirectoryFd parent, byte[] name, TarEntry entry, boolean inPlace)
      throws IOException {
    try (FileFd file = inPlace ? parent.overwriteFile(name) : parent.createFile(name, 0600)) {
      EntryData.write(tar, entry, file, buffer);
      if (!(options.owner instanceof Owner.Caller)) {
        file.chown(uid(entry), gid(entry));
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
          if (isKept(xattr.getKey())) {
            file.setXattr(xattr.getKey(), xattr.getValue());
          }
        }
      }
      file.chmod(mode(entry));
      file.setMtime(entry.mtimeSeconds(), entry.mtimeNanos());
    }
  }

  private static boolean isKept(String xattr) {
    return xattr.equals("security.capability") || xattr.startsWith("user.");
  }

  private void hardLink(DirectoryFd parent, byte[] name, TarEntry entry) {
    List<String> target = path(entry.linkName());
    if (target.isEmpty()) {
      throw new JcomposeException.InvalidArgument("hard link to nothing: " + entry.name());
    }
    DirectoryFd from = walk(target.subList(0, target.size() - 1));
    try {
      parent.link(from, raw(target.getLast()), name);
    } finally {
      if (from != root) {
        from.close();
      }
    }
  }

  /** What a container made to run as its owner must not run as who copies it. */
  private int mode(TarEntry entry) {
    return options.owner instanceof Owner.Caller ? entry.mode() & ~SET_IDS : entry.mode();
  }

  private void node(DirectoryFd parent, byte[] name, TarEntry entry, int type) {
    long device = FileStatus.device(entry.major(), entry.minor());
    if (options.onHost && type != FIFO) {
      parent.mknod(name, type | (entry.mode() & OWNER_ONLY), device);
      parent.setMtime(name, entry.mtimeSeconds(), entry.mtimeNanos());
      return;
    }
    parent.mknod(name, type | entry.mode(), device);
    own(parent, name, entry);
    parent.chmod(name, mode(entry));
  }

  private void own(DirectoryFd parent, byte[] name, TarEntry entry) {
    if (!(options.owner instanceof Owner.Caller)) {
      parent.chown(name, uid(entry), gid(entry));
    }
    parent.setMtime(name, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  /** Directories get their modes last, for some let nobody write, and their times change before. */
  private void describe(DeferredAttributes.Directory directory) {
    List<String> path = List.of(directory.path().split("/"));
    byte[] name = raw(path.getLast());
    DirectoryFd parent = walk(path.subList(0, path.size() - 1));
    try (DirectoryFd own = parent.openDirectory(name)) {
      FileStatus present = own.stat();
      boolean callers = options.owner instanceof Owner.Caller;
      own.setAttributes(
          callers ? present.uid() : directory.uid(),
          callers ? present.gid() : directory.gid(),
          directory.mode(),
          directory.mtimeSeconds(),
          directory.mtimeNanos());
    } finally {
      if (parent != root) {
        parent.close();
      }
    }
  }

  /** The directory at a path, opened step by step; {@code root} itself for the empty one. */
  private DirectoryFd walk(List<String> path) {
    DirectoryFd at = root;
    for (String name : path) {
      DirectoryFd next = at.openDirectory(raw(name));
      if (at != root) {
        at.close();
      }
      at = next;
    }
    return at;
  }

  /** The same, kept open for the entries that follow, and made where it is missing. */
  private DirectoryFd enter(List<String> path) {
    int common = 0;
    while (common < path.size()
        && common < openNames.size()
        && path.get(common).equals(openNames.get(common))) {
      common++;
    }
    leave(common);
    for (String name : path.subList(common, path.size())) {
      DirectoryFd at = open.isEmpty() ? root : open.getLast();
      Optional<FileStatus> present = at.stat(raw(name));
      if (options.replaces && present.isPresent() && !present.get().isDirectory()) {
        at.unlink(raw(name)); // a link of an image before must lead nowhere
        present = Optional.empty();
      }
      if (present.isEmpty()) {
        at.mkdir(raw(name), 0755);
      }
      open.add(at.openDirectory(raw(name)));
      openNames.add(name);
    }
    return open.isEmpty() ? root : open.getLast();
  }

  private void leave(int depth) {
    while (open.size() > depth) {
      open.removeLast().close();
      openNames.removeLast();
    }
  }

  private List<String> path(String name) {
    List<String> path = new ArrayList<>();
    for (String component : name.split("/")) {
      if (component.equals("..")) {
        throw new JcomposeException.InvalidArgument(
            "the archive's entry \"" + name + "\" leads out of the destination");
      }
      if (!component.isEmpty() && !component.equals(".")) {
        path.add(component);
      }
    }
    if (options.from.equals(".")) {
      path.addFirst(options.to);
    } else if (!options.from.isEmpty() && !path.isEmpty()) {
      if (!path.get(0).equals(options.from)) {
        throw new JcomposeException.InvalidArgument(
            "the archive's entry \"" + name + "\" is no part of \"" + options.from + "\"");
      }
      path.set(0, options.to);
    }
    return path;
  }

  private int uid(TarEntry entry) {
    return options.ids.hostUser(
        options.owner instanceof Owner.User user ? user.uid() : entry.uid());
  }

  private int gid(TarEntry entry) {
    return options.ids.hostGroup(
        options.owner instanceof Owner.User user ? user.gid() : entry.gid());
  }

  private static String latin(byte[] name) {
    return new String(name, StandardCharsets.ISO_8859_1);
  }
}
