package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * An open directory, and the calls on names in it (man 2 openat and its family). A name is one path
 * component as raw bytes, so that names which are no UTF-8 work too; no call follows a symbolic
 * link at that name, and none accepts {@code /}, {@code .} or {@code ..}: what is done through a
 * descriptor stays in its directory. Confined to one thread at a time; the owner closes it.
 */
public final class DirectoryFd implements AutoCloseable {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int RENAME_NOREPLACE = 1;
  private static final int SYS_OPENAT2 = 437; // the same on every architecture
  private static final int OPENAT2_TRIES = 64;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_IN_ROOT = 0x10;
  // linux/fs.h; "long" in the numbers, but the kernel reads and writes 32 bits
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int FS_TOPDIR_FL = 0x00020000;
  private static final int LINK_TARGET_LIMIT = 4096;

  private final String name;
  private int fd; // -1 when closed: another file may have the number by then

  private DirectoryFd(int fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /** Opens a directory; symbolic links on the way are followed, as the path is the caller's own. */
  public static DirectoryFd open(Path path) {
    byte[] raw = KernelArguments.cString(path.toString().getBytes(StandardCharsets.UTF_8));
    int fd = LIBC.openat(OpenFlags.AT_FDCWD, raw, OpenFlags.DIRECTORY | OpenFlags.CLOEXEC, 0);
    return new DirectoryFd(Libc.check(fd, "open", path.toString()), path.toString());
  }

  /** Takes over a descriptor. */
  static DirectoryFd of(int fd, String name) {
    return new DirectoryFd(fd, name);
  }

  /** The descriptor's number, valid until {@link #close}; -1, which is EBADF everywhere, after. */
  public int fd() {
    return fd;
  }

  /** Opens a directory in this one; a symbolic link is ENOTDIR or ELOOP. */
  public DirectoryFd openDirectory(byte[] entry) {
    int child =
        LIBC.openat(
            fd, component(entry), OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW | OpenFlags.CLOEXEC, 0);
    return new DirectoryFd(Libc.check(child, "openat", at(entry)), at(entry));
  }

  /**
   * Opens a directory by a path below this one. Links on the way and at its end are followed as if
   * this directory were the root, so that neither they nor {@code ..} lead out of it (man 2
   * openat2, RESOLVE_IN_ROOT).
   *
   * @throws KernelException ENOENT, ENOTDIR or ELOOP among others
   */
  public DirectoryFd openInRoot(byte[] path) {
    long[] how = {
      OpenFlags.DIRECTORY | OpenFlags.CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
    };
    byte[] raw = KernelArguments.cString(path.length == 0 ? new byte[] {'.'} : path);
    long child = LIBC.syscall(SYS_OPENAT2, fd, raw, how, 24);
    // A rename somewhere on the way makes the kernel give up; man 2 openat2 says to try again.
    for (int tries = 0;
        child < 0 && Libc.errno() == Errno.EAGAIN.intValue() && tries < OPENAT2_TRIES;
        tries++) {
      child = LIBC.syscall(SYS_OPENAT2, fd, raw, how, 24);
    }
    String subject = name + "/" + new String(path, StandardCharsets.UTF_8);
    return new DirectoryFd((int) Libc.check(child, "openat2", subject), subject);
  }

  /** Opens what was found, when it is a directory; ENOTDIR when it is none. */
  public static DirectoryFd of(ForeignFile file) {
    return of(file.openDirectory(), file.name());
  }

  /**
   * An entry, itself when it is a symbolic link.
   *
   * @throws KernelException ENOENT when there is none
   */
  public ForeignFile entry(byte[] entry) {
    return ForeignFile.in(fd(), component(entry), at(entry));
  }

  /**
   * Opens a regular file for reading.
   *
   * @throws KernelException ELOOP for a symbolic link, EISDIR, ENXIO for all else; ENOENT
   */
  public FileFd openFile(byte[] entry) {
    try (ForeignFile file = entry(entry)) {
      return file.read();
    }
  }

  /** Opens a regular file that exists for writing and empties it; throws as {@link #openFile}. */
  public FileFd overwriteFile(byte[] entry) {
    try (ForeignFile file = entry(entry)) {
      return file.overwrite();
    }
  }

  /** True when this directory's file system shows the kernel's own state, as /proc and /sys do. */
  public boolean isKernelState() {
    return KernelState.shows(fd, name);
  }

  /** Makes a file that must not exist (EEXIST) and opens it for writing. */
  public FileFd createFile(byte[] entry, int mode) {
    int flags =
        OpenFlags.WRONLY
            | OpenFlags.CREAT
            | OpenFlags.EXCL
            | OpenFlags.NOFOLLOW
            | OpenFlags.CLOEXEC;
    int file = LIBC.openat(fd, component(entry), flags, mode);
    return new FileFd(Libc.check(file, "openat", at(entry)), at(entry));
  }

  public void mkdir(byte[] entry, int mode) {
    Libc.check(LIBC.mkdirat(fd, component(entry), mode), "mkdirat", at(entry));
  }

  public void symlink(byte[] target, byte[] entry) {
    Libc.check(
        LIBC.symlinkat(KernelArguments.cString(target), fd, component(entry)),
        "symlinkat",
        at(entry));
  }

  /**
   * Makes {@code entry} a further name of {@code from}'s entry; a symbolic link is linked itself.
   */
  public void link(DirectoryFd from, byte[] fromEntry, byte[] entry) {
    int result = LIBC.linkat(from.fd, component(fromEntry), fd, component(entry), 0);
    Libc.check(result, "linkat", from.at(fromEntry) + " to " + at(entry));
  }

  /**
   * Makes a device node or FIFO.
   *
   * @param mode type and permission bits
   */
  public void mknod(byte[] entry, int mode, long device) {
    Libc.check(LIBC.mknodat(fd, component(entry), mode, device), "mknodat", at(entry));
  }

  public void rename(byte[] entry, DirectoryFd to, byte[] toEntry) {
    int result = LIBC.renameat(fd, component(entry), to.fd, component(toEntry));
    Libc.check(result, "renameat", at(entry) + " to " + to.at(toEntry));
  }

  /** The same where there is no such entry yet; EEXIST where there is. */
  public void renameNew(byte[] entry, DirectoryFd to, byte[] toEntry) {
    int result = LIBC.renameat2(fd, component(entry), to.fd, component(toEntry), RENAME_NOREPLACE);
    Libc.check(result, "renameat2", at(entry) + " to " + to.at(toEntry));
  }

  /** What the entry is, itself when it is a symbolic link; empty when there is none. */
  public Optional<FileStatus> stat(byte[] entry) {
    return FileStatus.of(fd, component(entry), AT_SYMLINK_NOFOLLOW, at(entry));
  }

  /** What this directory is. */
  public FileStatus stat() {
    return FileStatus.of(fd, name);
  }

  /** A symbolic link's target, raw. */
  public byte[] readLink(byte[] entry) {
    byte[] target = new byte[LINK_TARGET_LIMIT];
    long length =
        Libc.check(
            LIBC.readlinkat(fd, component(entry), target, target.length), "readlinkat", at(entry));
    return Arrays.copyOf(target, (int) length);
  }

  public void chown(byte[] entry, int uid, int gid) {
    Libc.check(
        LIBC.fchownat(fd, component(entry), uid, gid, AT_SYMLINK_NOFOLLOW), "fchownat", at(entry));
  }

  /** Sets the permission bits of an entry; of a symbolic link it is EOPNOTSUPP. */
  public void chmod(byte[] entry, int mode) {
    int result = LIBC.fchmodat(fd, component(entry), mode, AT_SYMLINK_NOFOLLOW);
    Libc.check(result, "fchmodat", at(entry));
  }

  public void setMtime(byte[] entry, long seconds, int nanos) {
    int result =
        LIBC.utimensat(
            fd, component(entry), KernelArguments.times(seconds, nanos), AT_SYMLINK_NOFOLLOW);
    Libc.check(result, "utimensat", at(entry));
  }

  public void setXattr(byte[] entry, String key, byte[] value) {
    byte[] rawKey = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
    int result = LIBC.lsetxattr(procPath(entry), rawKey, value, value.length, 0);
    Libc.check(result, "lsetxattr " + key + " on", at(entry));
  }

  /** Extended attributes of an entry, itself when it is a symbolic link. */
  public Map<String, byte[]> xattrs(byte[] entry) {
    return ExtendedAttributes.ofLink(procPath(entry), at(entry));
  }

  /** Sets owner, mode and time of this directory itself. */
  public void setAttributes(int uid, int gid, int mode, long mtimeSeconds, int mtimeNanos) {
    Libc.check(LIBC.fchown(fd, uid, gid), "fchown", name);
    Libc.check(LIBC.fchmod(fd, mode), "fchmod", name);
    Libc.check(
        LIBC.futimens(fd, KernelArguments.times(mtimeSeconds, mtimeNanos)), "futimens", name);
  }

  /** True when this directory itself has the extended attribute. */
  public boolean hasXattr(String key) {
    byte[] rawKey = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
    if (LIBC.fgetxattr(fd, rawKey, new byte[1], 0) >= 0) {
      return true;
    }
    if (Libc.errno() == Errno.ENODATA.intValue() || Libc.errno() == Errno.EOPNOTSUPP.intValue()) {
      return false;
    }
    throw new KernelException("fgetxattr " + key, name, Libc.errno());
  }

  /** Removes an extended attribute of this directory itself; ENODATA when it has none. */
  public void removeXattr(String key) {
    byte[] rawKey = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
    Libc.check(LIBC.fremovexattr(fd, rawKey), "fremovexattr " + key, name);
  }

  /** Sets an extended attribute of this directory itself. */
  public void setXattr(String key, byte[] value) {
    byte[] rawKey = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
    Libc.check(LIBC.fsetxattr(fd, rawKey, value, value.length, 0), "fsetxattr " + key, name);
  }

  public void unlink(byte[] entry) {
    Libc.check(LIBC.unlinkat(fd, component(entry), 0), "unlinkat", at(entry));
  }

  public void rmdir(byte[] entry) {
    Libc.check(LIBC.unlinkat(fd, component(entry), AT_REMOVEDIR), "rmdir", at(entry));
  }

  /** The names in this directory, unsorted, without {@code .} and {@code ..}. */
  public List<byte[]> list() {
    try (DirectoryNames names = names()) {
      List<byte[]> all = new ArrayList<>();
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        all.addAll(some);
      }
      return all;
    }
  }

  /** The same some at a time, for a directory may hold more names than memory. */
  public DirectoryNames names() {
    int own = LIBC.openat(fd, new byte[] {'.', 0}, OpenFlags.DIRECTORY | OpenFlags.CLOEXEC, 0);
    return new DirectoryNames(Libc.check(own, "openat", name), name);
  }

  /** Removes a file or an empty directory; true when it is gone. */
  boolean removeLeaf(byte[] entry) {
    byte[] raw = component(entry);
    if (LIBC.unlinkat(fd, raw, 0) == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (errno == Errno.ENOENT.intValue()) {
      return true;
    }
    if (errno != Errno.EISDIR.intValue() && errno != Errno.EPERM.intValue()) {
      throw new KernelException("unlinkat", at(entry), errno);
    }
    return LIBC.unlinkat(fd, raw, AT_REMOVEDIR) == 0 || Libc.errno() == Errno.ENOENT.intValue();
  }

  /** Writes everything of this directory's file system to its disk (man 2 syncfs). */
  public void syncFileSystem() {
    Libc.check(LIBC.syncfs(fd), "syncfs", name);
  }

  /**
   * Asks the file system to keep the directories made here from now on apart (chattr +T). ext4
   * looks for a free inode in the group of the parent directory and passes over those that were
   * freed in the last minutes, one by one: containers that come and go would each time make the
   * next one slower, and on an aged disk 50,000 files of a layer took 20 s there, and 6 s apart.
   * Does nothing where the file system does not know the flag.
   *
   * @return true when the flag is set
   */
  public boolean keepDirectoriesApart() {
    int[] flags = new int[2];
    if (LIBC.ioctl(fd, FS_IOC_GETFLAGS, flags) != 0) {
      return false;
    }
    flags[0] |= FS_TOPDIR_FL;
    return LIBC.ioctl(fd, FS_IOC_SETFLAGS, flags) == 0;
  }

  /** Closing again does nothing. */
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

  private byte[] procPath(byte[] entry) {
    byte[] prefix = ("/proc/self/fd/" + fd + "/").getBytes(StandardCharsets.US_ASCII);
    byte[] path = Arrays.copyOf(prefix, prefix.length + entry.length + 1);
    System.arraycopy(component(entry), 0, path, prefix.length, entry.length);
    return path;
  }

  /** The entry as the kernel takes it; EINVAL for what is no single name. */
  byte[] component(byte[] entry) {
    if (entry.length == 0
        || KernelArguments.isDots(entry)
        || contains(entry, (byte) '/')
        || contains(entry, (byte) 0)) {
      throw new KernelException("name in", at(entry), Errno.EINVAL.intValue());
    }
    return KernelArguments.cString(entry);
  }

  private static boolean contains(byte[] text, byte wanted) {
    for (byte value : text) {
      if (value == wanted) {
        return true;
      }
    }
    return false;
  }

  String at(byte @Nullable [] entry) {
    return entry == null ? name : name + "/" + new String(entry, StandardCharsets.UTF_8);
  }
}
