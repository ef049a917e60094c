package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import jnr.constants.platform.Errno;

/**
 * A file that others made or named: images, containers, compose files, paths of the host. It is
 * held by a descriptor that opens nothing (man 2 open, O_PATH), so that what is looked at is what
 * is used, and so that no FIFO is waited for, no device woken and no socket reached: only regular
 * files and directories can be opened at all. Confined to one thread at a time; the owner closes
 * it.
 */
public final class ForeignFile implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final byte[] ITSELF = {'.', 0};
  private static final byte[] NOTHING = {0};
  private static final int LINK_TARGET_LIMIT = 4096;

  private final String name;
  private final FileStatus status;
  private int fd; // -1 when closed

  private ForeignFile(int fd, String name) {
    this.fd = fd;
    this.name = name;
    try {
      this.status = FileStatus.of(fd, name);
    } catch (KernelException e) {
      close();
      throw e;
    }
  }

  /**
   * The file at a path that a person named: symbolic links are followed.
   *
   * @throws KernelException ENOENT, ENOTDIR, EACCES or ELOOP among others
   */
  public static ForeignFile at(Path path) {
    return open(OpenFlags.AT_FDCWD, raw(path.toString()), 0, path.toString());
  }

  /** An entry of a directory, by its descriptor; named so in messages. */
  static ForeignFile in(int directory, byte[] component, String name) {
    return open(directory, component, OpenFlags.NOFOLLOW, name);
  }

  private static ForeignFile open(int directory, byte[] path, int flags, String name) {
    int fd = LIBC.openat(directory, path, OpenFlags.PATH | OpenFlags.CLOEXEC | flags, 0);
    return new ForeignFile(Libc.check(fd, "open", name), name);
  }

  /** Takes over a descriptor that was opened with O_PATH. */
  public static ForeignFile of(int fd, String name) {
    return new ForeignFile(fd, name);
  }

  /** What it is; its size, times and owner are those of when it was found. */
  public FileStatus status() {
    return status;
  }

  /** True when its file system shows the kernel's own state, as /proc and /sys do. */
  public boolean isKernelState() {
    return KernelState.shows(fd, name);
  }

  /**
   * Opens it for reading.
   *
   * @throws KernelException for what is no regular file: EISDIR, ELOOP for a symbolic link, else
   *     ENXIO; the message names what it is
   */
  public FileFd read() {
    return reopen(0);
  }

  /** Opens it for writing, emptied; throws as {@link #read}. */
  public FileFd overwrite() {
    return reopen(OpenFlags.WRONLY | OpenFlags.TRUNC);
  }

  /** A descriptor of it as a directory, which is the caller's; ENOTDIR when it is none. */
  int openDirectory() {
    int child = LIBC.openat(fd, ITSELF, OpenFlags.DIRECTORY | OpenFlags.CLOEXEC, 0);
    return Libc.check(child, "open", name);
  }

  /** As messages call it. */
  String name() {
    return name;
  }

  /** The target of a symbolic link, raw. */
  public byte[] linkTarget() {
    byte[] target = new byte[LINK_TARGET_LIMIT];
    long length = LIBC.readlinkat(fd, NOTHING, target, target.length);
    return Arrays.copyOf(target, (int) Libc.check(length, "readlink", name));
  }

  /** Its extended attributes. */
  public Map<String, byte[]> xattrs() {
    return ExtendedAttributes.following(raw("/proc/self/fd/" + fd), name);
  }

  /**
   * The content of a regular file at a path, links followed.
   *
   * @throws KernelException as {@link #at} and {@link #read}, and EFBIG for more than that many
   *     bytes
   */
  public static byte[] content(Path path, int maxBytes) {
    byte[] content = head(path, maxBytes + 1);
    if (content.length > maxBytes) {
      throw new KernelException("read", path.toString(), Errno.EFBIG.intValue());
    }
    return content;
  }

  /**
   * The first bytes of a regular file at a path, links followed; at most that many.
   *
   * @throws KernelException as {@link #at} and {@link #read}
   */
  public static byte[] head(Path path, int maxBytes) {
    try (ForeignFile file = at(path);
        FileFd open = file.read()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] buffer = new byte[BUFFER];
      int count = 1;
      while (count > 0 && all.size() < maxBytes) {
        count = open.read(buffer);
        all.write(buffer, 0, Math.min(count, maxBytes - all.size()));
      }
      return all.toByteArray();
    }
  }

  @Override
  public void close() {
    int open = fd;
    fd = -1;
    if (open >= 0) {
      LIBC.close(open);
    }
  }

  @Override
  public String toString() {
    return name;
  }

  /** By its descriptor, so that it is this file and no other that has its name by now. */
  private FileFd reopen(int flags) {
    FileStatus.Type type = status.type();
    if (type != FileStatus.Type.REGULAR) {
      Errno errno =
          switch (type) {
            case DIRECTORY -> Errno.EISDIR;
            case SYMLINK -> Errno.ELOOP;
            case REGULAR, FIFO, CHARACTER, BLOCK, SOCKET, OTHER -> Errno.ENXIO;
          };
      throw new KernelException("open", name + ", " + type.words() + ",", errno.intValue());
    }
    byte[] self = raw("/proc/self/fd/" + fd);
    int all = flags | OpenFlags.NONBLOCK | OpenFlags.NOCTTY | OpenFlags.CLOEXEC;
    return new FileFd(Libc.check(LIBC.openat(fd, self, all, 0), "open", name), name);
  }

  private static byte[] raw(String path) {
    return KernelArguments.cString(path.getBytes(StandardCharsets.UTF_8));
  }
}
