package io.jcompose.images.archive;

import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.layer.TarEntry;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import jnr.constants.platform.Errno;

/**
 * Writes directory trees into a tar archive. Each step goes by descriptor and follows no link, so
 * that a tree that changes meanwhile gives a wrong archive at worst, never a file from outside of
 * it; and it takes little memory, however the tree was made. Sockets are left out, and so is what
 * is below /proc, /sys and their likes. Confined to one thread.
 */
public final class TreeReader {
  private static final int BUFFER = 1 << 17;
  private static final int DEPTH_LIMIT = 120; // of an image's layer too
  private static final int MOST_SORTED = 100_000; // names in memory, some 60 bytes each
  private static final int LINK_MEMORY = 12 << 20;
  private static final int LINK_COST = 128;
  private static final int PERMISSIONS = 07777;
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final String REDIRECT = "trusted.overlay.redirect";
  private static final String METACOPY = "trusted.overlay.metacopy";
  private static final Comparator<byte[]> BY_BYTES = Arrays::compareUnsigned;

  private final TarWriter tar;
  private final IdMap ids;
  private final boolean isLayer;
  private final BiPredicate<String, FileStatus> leftOut;
  private final Map<Inode, String> links = new HashMap<>();
  private int linkMemory = LINK_MEMORY;
  private int depth;
  private final byte[] buffer = new byte[BUFFER];

  private record Inode(long fileSystem, long inode) {}

  public TreeReader(TarWriter tar) {
    this(tar, IdMap.HOST);
  }

  /**
   * @param ids owners are named by their ids inside
   */
  public TreeReader(TarWriter tar, IdMap ids) {
    this(tar, ids, false, (path, status) -> false);
  }

  private TreeReader(
      TarWriter tar, IdMap ids, boolean isLayer, BiPredicate<String, FileStatus> leftOut) {
    this.tar = tar;
    this.ids = ids;
    this.isLayer = isLayer;
    this.leftOut = leftOut;
  }

  /**
   * One for overlayfs's upper directories: what is removed in them is archived in the OCI image
   * specification's form (layer.md, Whiteouts).
   *
   * @param leftOut of entries, by their absolute path
   */
  public static TreeReader ofLayer(TarWriter tar, BiPredicate<String, FileStatus> leftOut) {
    return new TreeReader(tar, IdMap.HOST, true, leftOut);
  }

  /**
   * Archives one entry of a directory with all below it.
   *
   * @param name what it is called in the archive, raw bytes as ISO 8859-1
   * @return false when there is no such entry, or no longer
   */
  public boolean entry(DirectoryFd parent, byte[] entry, String name) throws IOException {
    try (ForeignFile found = parent.entry(entry)) {
      entry(found, name);
      return true;
    } catch (KernelException e) {
      if (!isGone(e)) {
        throw e;
      }
      return false;
    }
  }

  private void entry(ForeignFile found, String name) throws IOException {
    FileStatus status = found.status();
    if (leftOut.test("/" + utf8(name), status)) {
      return;
    }
    if (isLayer) {
      requireNoMark(name);
    }
    if (isLayer && status.isWhiteout()) {
      int cut = name.lastIndexOf('/') + 1;
      mark(name.substring(0, cut) + WHITEOUT + name.substring(cut));
      return;
    }
    switch (status.type()) {
      case DIRECTORY -> directory(found, name);
      case REGULAR -> file(found, name);
      case SYMLINK -> header(name, '2', status, 0, latin(found.linkTarget()), kept(found.xattrs()));
      case FIFO -> header(name, '6', status, 0, "", Map.of());
      case CHARACTER -> header(name, '3', status, 0, "", Map.of());
      case BLOCK -> header(name, '4', status, 0, "", Map.of());
      case SOCKET -> {}
      case OTHER -> throw new IOException("a file of unknown type: " + name);
    }
  }

  /** Whoever unpacks a layer removes what such a file names, and has no file of that name. */
  private static void requireNoMark(String name) {
    if (name.startsWith(WHITEOUT, name.lastIndexOf('/') + 1)) {
      throw new JcomposeException.NotSupported(
          "/"
              + utf8(name)
              + ": a layer can have no file whose name begins with "
              + WHITEOUT
              + ", which marks what is removed; give it another name");
    }
  }

  /** Archives a directory itself under a name, with all below it; {@code .} is a good name. */
  public void directory(DirectoryFd directory, String name) throws IOException {
    header(name + "/", '5', directory.stat(), 0, "", Map.of());
    children(directory, name + "/");
  }

  /** Archives what is in a directory, but not itself, under names that begin with the prefix. */
  public void children(DirectoryFd directory, String prefix) throws IOException {
    if (directory.isKernelState()) {
      return;
    }
    if (++depth > DEPTH_LIMIT) {
      throw new JcomposeException.NotSupported(
          "/" + utf8(prefix) + " is more than " + DEPTH_LIMIT + " directories deep");
    }
    try (DirectoryNames names = directory.names()) {
      for (List<byte[]> some = next(names); !some.isEmpty(); some = next(names)) {
        some.sort(BY_BYTES);
        for (byte[] child : some) {
          entry(directory, child, prefix + latin(child));
        }
      }
    } finally {
      depth--;
    }
  }

  /** Of a layer all at once, so that its order is no matter of the file system. */
  private List<byte[]> next(DirectoryNames names) {
    List<byte[]> some = names.next();
    List<byte[]> more = isLayer ? names.next() : List.of();
    while (!more.isEmpty()) {
      some.addAll(more);
      more = some.size() < MOST_SORTED ? names.next() : List.of();
    }
    return some;
  }

  private void directory(ForeignFile found, String name) throws IOException {
    try (DirectoryFd directory = DirectoryFd.of(found)) {
      Map<String, byte[]> xattrs = found.xattrs();
      header(name + "/", '5', directory.stat(), 0, "", kept(xattrs));
      if (isLayer) {
        layerMarks(xattrs, name);
      }
      children(directory, name + "/");
    }
  }

  private void layerMarks(Map<String, byte[]> xattrs, String name) throws IOException {
    if (xattrs.containsKey(REDIRECT)) {
      throw new JcomposeException.NotSupported(
          "/"
              + utf8(name)
              + ": a directory of the image was renamed, which this kernel keeps as a mark that no"
              + " layer can have; copy it in the container instead");
    }
    if (Arrays.equals(xattrs.get(OPAQUE), new byte[] {'y'})) {
      mark(name + "/" + WHITEOUT + WHITEOUT + ".opq");
    }
  }

  /** An empty file by whose name unpackers know what to remove. */
  private void mark(String name) throws IOException {
    tar.entry(new TarEntry(name, '0', 0600, 0, 0, 0, 0, 0, "", 0, 0, Map.of()));
  }

  private static String utf8(String latin) {
    return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private void file(ForeignFile found, String name) throws IOException {
    try (FileFd file = found.read()) {
      FileStatus status = file.stat();
      if (status.links() > 1) {
        Inode inode = new Inode(status.fileSystem(), status.inode());
        String first = links.get(inode);
        if (first != null) {
          header(name, '1', status, 0, first, Map.of());
          return;
        }
        remember(inode, name);
      }
      Map<String, byte[]> xattrs = found.xattrs();
      if (isLayer) {
        requireContent(xattrs, name);
      }
      FileParts parts = FileParts.of(file, status.sizeBytes());
      TarEntry entry = entry(name, '0', status, status.sizeBytes(), "", kept(xattrs));
      if (parts.isWhole()) {
        tar.entry(entry);
      } else {
        tar.sparse(entry, parts);
      }
      for (int i = 0; i < parts.count(); i++) {
        file.seek(parts.offset(i));
        copy(file, parts.length(i));
      }
      tar.endEntry();
    }
  }

  /** In an upper directory by itself such a file would have nothing but zeros. */
  private static void requireContent(Map<String, byte[]> xattrs, String name) {
    if (xattrs.containsKey(METACOPY)) {
      throw new JcomposeException.NotSupported(
          "/"
              + utf8(name)
              + ": the file's content is in a layer below, which this kernel keeps as a mark that no"
              + " layer can have (overlay's metacopy); write the file anew instead");
    }
  }

  /** Beyond the memory for it the names of a file become files of their own. */
  private void remember(Inode inode, String name) {
    int cost = LINK_COST + name.length();
    if (linkMemory >= cost) {
      linkMemory -= cost;
      links.put(inode, name);
    }
  }

  /** Exactly as many bytes as the header says: a file may grow or shrink meanwhile. */
  private void copy(FileFd file, long size) throws IOException {
    long left = size;
    while (left > 0) {
      int count = (int) Math.min(left, file.read(buffer));
      if (count == 0) {
        Arrays.fill(buffer, (byte) 0);
        count = (int) Math.min(left, buffer.length);
      }
      tar.write(buffer, 0, count);
      left -= count;
    }
  }

  private void header(
      String name, char type, FileStatus status, long size, String link, Map<String, byte[]> xattrs)
      throws IOException {
    tar.entry(entry(name, type, status, size, link, xattrs));
  }

  private TarEntry entry(
      String name,
      char type,
      FileStatus status,
      long size,
      String link,
      Map<String, byte[]> xattrs) {
    return new TarEntry(
        name,
        type,
        status.mode() & PERMISSIONS,
        ids.userInside(status.uid()),
        ids.groupInside(status.gid()),
        size,
        status.mtimeSeconds(),
        0,
        link,
        FileStatus.major(status.device()),
        FileStatus.minor(status.device()),
        xattrs);
  }

  /** Those that mean something elsewhere: file capabilities, and what programs keep for users. */
  private static Map<String, byte[]> kept(Map<String, byte[]> xattrs) {
    Map<String, byte[]> kept = new LinkedHashMap<>(xattrs);
    kept.keySet().removeIf(key -> !key.equals("security.capability") && !key.startsWith("user."));
    return kept;
  }

  /** Removed since the directory was listed. */
  private static boolean isGone(KernelException e) {
    return e.is(Errno.ENOENT) || e.is(Errno.ESTALE);
  }

  private static String latin(byte[] raw) {
    return new String(raw, StandardCharsets.ISO_8859_1);
  }
}
