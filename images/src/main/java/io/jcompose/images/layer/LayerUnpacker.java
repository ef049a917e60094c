package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarEntry.raw;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.layer.UnpackTree.Directory;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jnr.constants.platform.Errno;

/**
 * Unpacks one layer's tar into an empty directory that becomes a lower directory of overlayfs (OCI
 * image-spec, layer.md): whiteouts become character devices 0:0, opaque directories carry
 * trusted.overlay.opaque. Nothing outside the directory can be reached, whatever the archive says.
 * Needs root. Confined to one thread.
 */
public final class LayerUnpacker {
  private static final long ENTRY_LIMIT = 5_000_000;
  private static final long BOMB_BYTES = 10L << 30;
  private static final long BOMB_RATIO = 200;
  private static final int BUFFER = 1 << 16;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int FIFO = 0010000;
  private static final String CAPABILITY = "security.capability";
  private static final String WHITEOUT = ".wh.";
  private static final String AUFS = ".wh..wh.";

  private final TarReader tar;
  private final UnpackTree tree;
  private final long sizeLimit;
  private final byte[] buffer = new byte[BUFFER];
  private long sizeBytes;
  private boolean borrows;

  private LayerUnpacker(InputStream in, UnpackTree tree, long compressedBytes) {
    this.tar = new TarReader(in);
    this.tree = tree;
    this.sizeLimit = sizeLimit(compressedBytes);
  }

  /**
   * What was unpacked.
   *
   * @param sizeBytes of the data of all regular files
   * @param needsFitting true when something in it is as the layers below have it, so that {@link
   *     LayerFitting} is to complete it
   */
  public record Result(long sizeBytes, boolean needsFitting) {}

  /**
   * Unpacks until the archive's end; what follows it in the stream is not read.
   *
   * @param compressedBytes size as transferred, for the limit that stops decompression bombs
   * @throws JcomposeException.Corrupt for an archive that is wrong or would escape
   * @throws KernelException when the file system refuses, ENOSPC among others
   */
  public static Result unpack(InputStream in, DirectoryFd root, long compressedBytes)
      throws IOException {
    try (UnpackTree tree = new UnpackTree(root)) {
      LayerUnpacker unpacker = new LayerUnpacker(in, tree, compressedBytes);
      unpacker.unpackAll();
      tree.finish();
      return new Result(unpacker.sizeBytes, tree.hasImplied() || unpacker.borrows);
    }
  }

  /** How long an archive may be, with its headers and what is read of it for its hash only. */
  public static long archiveLimit(long compressedBytes) {
    return 2 * sizeLimit(compressedBytes);
  }

  private static long sizeLimit(long compressedBytes) {
    return Math.max(BOMB_BYTES, Math.min(compressedBytes, Long.MAX_VALUE >> 10) * BOMB_RATIO);
  }

  private void unpackAll() throws IOException {
    long entries = 0;
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      if (++entries > ENTRY_LIMIT) {
        throw new JcomposeException.Corrupt("layer has more than " + ENTRY_LIMIT + " entries");
      }
      List<String> path = LayerPaths.clean(entry.name());
      if (!path.isEmpty()) {
        String name = path.getLast();
        apply(tree.pinned(String.join("/", path.subList(0, path.size() - 1))), name, entry);
      }
    }
  }

  private void apply(Directory parent, String name, TarEntry entry) throws IOException {
    if (name.startsWith(WHITEOUT)) {
      whiteout(parent, name);
      return;
    }
    switch (entry.type()) {
      case '5' -> directory(parent, name, entry);
      case '0', '7' -> file(parent, name, entry);
      case '1' -> hardLink(parent, name, entry);
      case '2' -> {
        make(parent, name, () -> parent.fd().symlink(raw(entry.linkName()), raw(name)));
        describe(parent.fd(), name, entry);
      }
      case '3' -> node(parent, name, entry, CHARACTER);
      case '4' -> node(parent, name, entry, BLOCK);
      case '6' -> node(parent, name, entry, FIFO);
      default ->
          throw new JcomposeException.NotSupported(
              "tar entry of type '" + entry.type() + "' in a layer: " + entry.name());
    }
  }

  private void file(Directory parent, String name, TarEntry entry) throws IOException {
    sizeBytes += tar.dataBytes();
    if (sizeBytes > sizeLimit) {
      throw new JcomposeException.Corrupt(
          "layer unpacks to more than " + sizeLimit + " bytes, which looks like a bomb");
    }
    try (FileFd file = create(parent, name)) {
      EntryData.write(tar, entry, file, buffer);
      if (entry.uid() != 0 || entry.gid() != 0) {
        file.chown(entry.uid(), entry.gid());
      }
      new Xattrs(entry.name()).set(entry.xattrs(), file::setXattr);
      file.chmod(entry.mode());
      file.setMtime(entry.mtimeSeconds(), entry.mtimeNanos());
    }
  }

  private FileFd create(Directory parent, String name) {
    try {
      return parent.fd().createFile(raw(name), 0600);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      tree.remove(parent, name);
      return parent.fd().createFile(raw(name), 0600);
    }
  }

  private void directory(Directory parent, String name, TarEntry entry) {
    boolean fresh = true;
    try {
      parent.fd().mkdir(raw(name), 0755);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      FileStatus present = parent.fd().stat(raw(name)).orElseThrow();
      fresh = !present.isDirectory();
      if (fresh) {
        tree.remove(parent, name);
        parent.fd().mkdir(raw(name), 0755);
        if (present.isWhiteout()) {
          tree.markOpaque(tree.directory(parent.child(name)));
        }
      }
    }
    tree.describe(parent.child(name), entry, fresh);
  }

  private void hardLink(Directory parent, String name, TarEntry entry) throws IOException {
    List<String> target = LayerPaths.clean(entry.linkName());
    if (target.isEmpty()) {
      throw new JcomposeException.Corrupt("hard link to nothing in a layer: " + entry.name());
    }
    Directory from = tree.find(String.join("/", target.subList(0, target.size() - 1)));
    String last = target.getLast();
    Optional<FileStatus> status = from == null ? Optional.empty() : from.fd().stat(raw(last));
    if (from == null || status.filter(s -> !s.isWhiteout()).isEmpty()) {
      borrow(parent, name, String.join("/", target), entry);
      return;
    }
    String own = parent.child(name);
    String linked = from.child(last);
    if (status.get().isDirectory() || linked.startsWith(own + "/")) {
      throw new JcomposeException.Corrupt(
          "hard link " + entry.name() + " in a layer to " + entry.linkName() + ", a directory");
    }
    if (!linked.equals(own)) {
      make(parent, name, () -> parent.fd().link(from.fd(), raw(last), raw(name)));
      describeLink(parent.fd(), name, entry);
    }
  }

  /** Like Docker: what the last name of a file says of owner, mode and time holds for all. */
  private static void describeLink(DirectoryFd parent, String name, TarEntry entry) {
    byte[] raw = raw(name);
    FileStatus now = parent.stat(raw).orElseThrow();
    Map<String, byte[]> xattrs = new HashMap<>();
    if (now.uid() != entry.uid() || now.gid() != entry.gid()) {
      xattrs.putAll(parent.xattrs(raw)); // the kernel drops capabilities with the owner
      xattrs.keySet().retainAll(Set.of(CAPABILITY));
      parent.chown(raw, entry.uid(), entry.gid());
    }
    xattrs.putAll(entry.xattrs());
    new Xattrs(entry.name()).set(xattrs, (key, value) -> parent.setXattr(raw, key, value));
    if (!now.isSymlink()) {
      parent.chmod(raw, entry.mode());
    }
    parent.setMtime(raw, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  /** An empty file that is marked with whose content it is to have, in a layer below. */
  private void borrow(Directory parent, String name, String target, TarEntry entry) {
    borrows = true;
    try (FileFd file = create(parent, name)) {
      file.chown(entry.uid(), entry.gid());
      file.setXattr(LayerMarks.BORROWED, raw(target));
      new Xattrs(entry.name()).set(entry.xattrs(), file::setXattr);
      file.chmod(entry.mode());
      file.setMtime(entry.mtimeSeconds(), entry.mtimeNanos());
    }
  }

  private void node(Directory parent, String name, TarEntry entry, int type) {
    long device = FileStatus.device(entry.major(), entry.minor());
    make(parent, name, () -> parent.fd().mknod(raw(name), type | entry.mode(), device));
    describe(parent.fd(), name, entry);
    parent.fd().chmod(raw(name), entry.mode());
  }

  private static void describe(DirectoryFd parent, String name, TarEntry entry) {
    byte[] raw = raw(name);
    parent.chown(raw, entry.uid(), entry.gid());
    new Xattrs(entry.name()).set(entry.xattrs(), (key, value) -> parent.setXattr(raw, key, value));
    parent.setMtime(raw, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  // A whiteout speaks of the layers below only, so what this layer has at the name stays, in
  // whichever order the two come.
  private void whiteout(Directory parent, String name) {
    if (name.equals(".wh..wh..opq")) {
      tree.markOpaque(parent);
      return;
    }
    if (name.startsWith(AUFS)) {
      return;
    }
    String hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new JcomposeException.Corrupt("invalid whiteout " + parent.child(name) + " in a layer");
    }
    try {
      parent.fd().mknod(raw(hidden), CHARACTER, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      if (parent.fd().stat(raw(hidden)).filter(FileStatus::isDirectory).isPresent()) {
        tree.markOpaque(tree.directory(parent.child(hidden)));
      }
    }
  }

  private void make(Directory parent, String name, Runnable call) {
    try {
      call.run();
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      tree.remove(parent, name);
      call.run();
    }
  }
}
