package io.jcompose.volumes;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import jnr.constants.platform.Errno;

/**
 * Copies what is in a directory of an image into an empty one of the host, with owners, modes,
 * times, extended attributes, holes and hard links. FIFOs and devices are made anew and never
 * opened; sockets, which nobody listens on any more, are left out. It takes the memory of the names
 * of one directory's piece a level, however large the tree. Confined to one thread.
 */
final class TreeCopy {
  private static final int DEPTH_LIMIT = 120; // of an image's layer too

  /** With more, one syncfs is cheaper, though it waits for what others have written. */
  private static final int SYNCED_ONE_BY_ONE = 32;

  private final DirectoryFd firsts;

  /** Regular files with content so far. */
  private long files;

  /**
   * @param firsts an empty directory on the target's file system, where each file that has further
   *     names gets one by which those are found; the caller removes it
   */
  TreeCopy(DirectoryFd firsts) {
    this.firsts = firsts;
  }

  /**
   * Copies a directory's content, then its own owner, mode, time and attributes. What files hold is
   * on the disk when this returns: names may be there before bytes after a power cut, and the copy
   * would count as whole with empty files in it.
   *
   * @throws KernelException where the kernel refuses, as for a full disk
   * @throws JcomposeException.NotSupported for a tree that is too deep
   */
  void copy(DirectoryFd from, Map<String, byte[]> xattrs, DirectoryFd to) {
    copy(from, xattrs, to, 0);
    if (files > SYNCED_ONE_BY_ONE) {
      to.syncFileSystem();
    }
  }

  private void copy(DirectoryFd from, Map<String, byte[]> xattrs, DirectoryFd to, int depth) {
    if (depth > DEPTH_LIMIT) {
      throw new JcomposeException.NotSupported(
          from + " is more than " + DEPTH_LIMIT + " directories deep");
    }
    try (DirectoryNames names = from.names()) {
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        for (byte[] name : some) {
          entry(from, name, to, depth);
        }
      }
    }
    describe(to, from.stat(), xattrs);
  }

  /** Gives a directory another's owner, mode, time and attributes. */
  static void describe(DirectoryFd to, FileStatus status, Map<String, byte[]> xattrs) {
    xattrs.forEach((key, value) -> attribute(key, () -> to.setXattr(key, value)));
    to.setAttributes(
        status.uid(),
        status.gid(),
        status.permissions(),
        status.mtimeSeconds(),
        status.mtimeNanos());
  }

  private void entry(DirectoryFd from, byte[] name, DirectoryFd to, int depth) {
    try (ForeignFile file = from.entry(name)) {
      FileStatus status = file.status();
      if (status.isDirectory()) {
        to.mkdir(name, 0700);
        try (DirectoryFd source = DirectoryFd.of(file);
            DirectoryFd target = to.openDirectory(name)) {
          copy(source, file.xattrs(), target, depth + 1);
        }
      } else if (!isLinked(status, to, name)) {
        boolean made = make(file, to, name);
        if (made && status.links() > 1) {
          firsts.link(to, name, key(status));
        }
      }
    }
  }

  /** Makes the name a further one of a file that was copied before; false when there is none. */
  private boolean isLinked(FileStatus status, DirectoryFd to, byte[] name) {
    if (status.links() < 2 || firsts.stat(key(status)).isEmpty()) {
      return false;
    }
    try {
      to.link(firsts, key(status), name);
      return true;
    } catch (KernelException e) {
      if (!e.is(Errno.EMLINK)) {
        throw e;
      }
      firsts.unlink(key(status)); // this file system takes fewer: another copy for the next names
      return false;
    }
  }

  private static byte[] key(FileStatus status) {
    String key = Long.toHexString(status.fileSystem()) + "-" + Long.toHexString(status.inode());
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  /** False for what is left out. */
  private boolean make(ForeignFile file, DirectoryFd to, byte[] name) {
    FileStatus status = file.status();
    return switch (status.type()) {
      case REGULAR -> {
        regular(file, to, name);
        yield true;
      }
      case SYMLINK -> {
        to.symlink(file.linkTarget(), name);
        describe(file, to, name);
        yield true;
      }
      case FIFO, CHARACTER, BLOCK -> !status.isWhiteout() && node(file, to, name);
      case SOCKET, OTHER, DIRECTORY -> false;
    };
  }

  private static boolean node(ForeignFile file, DirectoryFd to, byte[] name) {
    to.mknod(name, file.status().mode(), file.status().device());
    describe(file, to, name);
    to.chmod(name, file.status().permissions()); // which the umask has cut
    return true;
  }

  private static void describe(ForeignFile file, DirectoryFd to, byte[] name) {
    FileStatus status = file.status();
    to.chown(name, status.uid(), status.gid());
    file.xattrs().forEach((key, value) -> attribute(key, () -> to.setXattr(name, key, value)));
    to.setMtime(name, status.mtimeSeconds(), status.mtimeNanos());
  }

  private void regular(ForeignFile file, DirectoryFd to, byte[] name) {
    FileStatus status = file.status();
    try (FileFd in = file.read();
        FileFd out = to.createFile(name, 0600)) {
      in.copyTo(out, status.sizeBytes());
      out.chown(status.uid(), status.gid()); // clears setuid and capabilities
      out.chmod(status.permissions());
      file.xattrs().forEach((key, value) -> attribute(key, () -> out.setXattr(key, value)));
      out.setMtime(status.mtimeSeconds(), status.mtimeNanos());
      if (status.sizeBytes() > 0 && ++files <= SYNCED_ONE_BY_ONE) {
        out.sync();
      }
    }
  }

  /**
   * Sets an attribute but what is a mark of overlayfs or SELinux's label of another place; a file
   * system that has none of a kind does without, as with Docker.
   */
  private static void attribute(String key, Runnable setting) {
    if (key.startsWith("trusted.overlay.")
        || key.startsWith("user.overlay.")
        || key.equals("security.selinux")) {
      return;
    }
    try {
      setting.run();
    } catch (KernelException e) {
      if (!e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
  }
}
