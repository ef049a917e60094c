package io.jcompose.linux;

import static io.jcompose.linux.FileSystemCalls.LIBC;

import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;

/** An open file's descriptor, for calls that the JDK lacks. Confined to one thread at a time. */
public final class FileFd implements AutoCloseable {
  private final int fd;
  private final String name;

  FileFd(int fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /** Writes all of {@code length} bytes of native memory. */
  public void write(long address, long length) {
    long done = 0;
    while (done < length) {
      long count = LIBC.write(fd, address + done, length - done);
      if (count < 0) {
        if (Libc.errno() == Errno.EINTR.intValue()) {
          continue;
        }
        throw new KernelException("write", name, Libc.errno());
      }
      done += count;
    }
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
    Libc.check(LIBC.futimens(fd, DirectoryFd.times(seconds, nanos)), "futimens", name);
  }

  public void setXattr(String key, byte[] value) {
    byte[] zeroEnded = DirectoryFd.cString(key.getBytes(StandardCharsets.UTF_8));
    Libc.check(
        LIBC.fsetxattr(fd, zeroEnded, value, value.length, 0), "fsetxattr " + key + " on", name);
  }

  @Override
  public void close() {
    LIBC.close(fd);
  }
}
