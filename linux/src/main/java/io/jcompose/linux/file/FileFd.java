package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;

/** An open file's descriptor, for calls that the JDK lacks. Confined to one thread at a time. */
public final class FileFd implements AutoCloseable {
  private static final int F_SETSIG = 10;
  private static final int F_SETLEASE = 1024;
  private static final int F_RDLCK = 0;
  private static final int F_UNLCK = 2;
  private static final int SIGURG = 23; // which does nothing where nobody asked for it
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long PIECE = 1 << 20;
  private static final int FIRST_READ = 1 << 12;

  private final String name;
  private int fd; // -1 when closed: another file may have the number by then
  private int window = FIRST_READ; // most files are small, and each call copies all of its array

  FileFd(int fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /** Writes all of the first {@code length} bytes. */
  public void write(byte[] buffer, int length) {
    int done = 0;
    while (done < length) {
      int left = length - done;
      long count = LIBC.write(fd, ByteBuffer.wrap(buffer, done, left), left);
      if (count < 0) {
        if (Libc.errno() == Errno.EINTR.intValue()) {
          continue;
        }
        throw new KernelException("write", name, Libc.errno());
      }
      done += (int) count;
    }
  }

  /** Reads up to the buffer's length, and of a file's beginning less; 0 at the end. */
  public int read(byte[] buffer) {
    return read(buffer, 0);
  }

  /** Reads as {@link #read(byte[])}, to an offset in the buffer. */
  public int read(byte[] buffer, int offset) {
    while (true) {
      int most = Math.min(buffer.length - offset, window);
      long count = LIBC.read(fd, ByteBuffer.wrap(buffer, offset, most), most);
      if (count >= 0) {
        window = count == window ? Integer.MAX_VALUE : window;
        return (int) count;
      }
      if (Libc.errno() != Errno.EINTR.intValue()) {
        throw new KernelException("read", name, Libc.errno());
      }
    }
  }

  /**
   * Whether nobody has this file open for writing, or mapped so: what is written from now on shows
   * in its times, which a mapping that was there before keeps as they are. By a lease that is given
   * back at once (man 2 fcntl, F_SETLEASE); false too where the file system has none. The file must
   * be open for reading only.
   */
  public boolean hasNoWriter() {
    return LIBC.fcntl(fd, F_SETSIG, SIGURG) == 0
        && LIBC.fcntl(fd, F_SETLEASE, F_RDLCK) == 0
        && LIBC.fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
  }

  /** What this file is. */
  public FileStatus stat() {
    return FileStatus.of(fd, name);
  }

  /**
   * Copies the first bytes of this file into an empty one. Holes stay holes (man 2 lseek,
   * SEEK_DATA); the copy ends with this file where that is shorter.
   *
   * @return how many bytes were no holes
   */
  public long copyTo(FileFd target, long size) {
    long at = 0;
    long copied = 0;
    while (at < size) {
      long data = nextData(at);
      if (data < 0) {
        break; // a hole to the end
      }
      long end = Math.min(size, nextHole(data));
      seek(data);
      target.seek(data);
      if (data >= size || !sendTo(target, end - data)) {
        break;
      }
      copied += end - data;
      at = end;
    }
    target.truncate(Math.min(size, stat().sizeBytes()));
    return copied;
  }

  /** Where data begins at an offset or behind it; -1 where only a hole follows. */
  public long nextData(long from) {
    long data = LIBC.lseek(fd, from, SEEK_DATA);
    if (data < 0 && Libc.errno() == Errno.ENXIO.intValue()) {
      return -1;
    }
    return Libc.check(data, "lseek", name);
  }

  /** Where a hole begins at an offset within the file or behind it; its end where none does. */
  public long nextHole(long from) {
    return Libc.check(LIBC.lseek(fd, from, SEEK_HOLE), "lseek", name);
  }

  /** False when this file ended before. */
  private boolean sendTo(FileFd target, long length) {
    long left = length;
    while (left > 0) {
      long count = LIBC.sendfile(target.fd, fd, 0, Math.min(left, PIECE));
      if (count < 0 && Libc.errno() == Errno.EINTR.intValue()) {
        continue;
      }
      if (Libc.check(count, "copy", name + " to " + target.name) == 0) {
        return false;
      }
      left -= count;
    }
    return true;
  }

  /** Writes the content to the disk (man 2 fdatasync). */
  public void sync() {
    Libc.check(LIBC.fdatasync(fd), "fdatasync", name);
  }

  /** Moves the position to an absolute offset. */
  public void seek(long offset) {
    Libc.check(LIBC.lseek(fd, offset, 0), "lseek", name);
  }

  public void truncate(long length) {
    Libc.check(LIBC.ftruncate(fd, length), "ftruncate", name);
  }

  public void chown(int uid, int gid) {
    Libc.check(LIBC.fchown(fd, uid, gid), "fchown", name);
  }

  public void chmod(int mode) {
    Libc.check(LIBC.fchmod(fd, mode), "fchmod", name);
  }

  public void setMtime(long seconds, int nanos) {
    Libc.check(LIBC.futimens(fd, KernelArguments.times(seconds, nanos)), "futimens", name);
  }

  public void setXattr(String key, byte[] value) {
    byte[] zeroEnded = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
    Libc.check(
        LIBC.fsetxattr(fd, zeroEnded, value, value.length, 0), "fsetxattr " + key + " on", name);
  }

  /** Removes an extended attribute; ENODATA when there is none. */
  public void removeXattr(String key) {
    byte[] zeroEnded = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
    Libc.check(LIBC.fremovexattr(fd, zeroEnded), "fremovexattr " + key + " of", name);
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
}
