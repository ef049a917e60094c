package io.jcompose.linux.file;

import io.jcompose.linux.Libc;
import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * The C library's file calls that {@link DirectoryFd} and {@link FileFd} build on. Names are raw
 * bytes ending with NUL.
 */
final class FileSystemCalls {
  static final Functions LIBC = Libc.load(Functions.class);

  private FileSystemCalls() {}

  /** Functions of man 2 and man 3, under their own names. */
  @SuppressWarnings("MethodName")
  public interface Functions {
    int openat(int directory, @In byte[] path, int flags, int mode);

    long syscall(long number, int directory, @In byte[] path, @In long[] how, long size);

    long syscall(long number, int fd, int command, int id, @In @Out long[] argument);

    int close(int fd);

    int memfd_create(@In byte[] name, int flags);

    int fcntl(int fd, int command, int argument);

    int mkdirat(int directory, @In byte[] path, int mode);

    int symlinkat(@In byte[] target, int directory, @In byte[] path);

    int linkat(int fromDirectory, @In byte[] from, int directory, @In byte[] path, int flags);

    int mknodat(int directory, @In byte[] path, int mode, long device);

    int unlinkat(int directory, @In byte[] path, int flags);

    int renameat(int fromDirectory, @In byte[] from, int directory, @In byte[] path);

    int renameat2(int fromDirectory, @In byte[] from, int directory, @In byte[] path, int flags);

    long sendfile(int to, int from, long offset, long count);

    int fchmodat(int directory, @In byte[] path, int mode, int flags);

    int fchownat(int directory, @In byte[] path, int uid, int gid, int flags);

    int utimensat(int directory, @In byte[] path, @In long[] times, int flags);

    long readlinkat(int directory, @In byte[] path, @Out byte[] target, long size);

    int statx(int directory, @In byte[] path, int flags, int mask, @Out byte[] result);

    int fchmod(int fd, int mode);

    int fchown(int fd, int uid, int gid);

    int futimens(int fd, @In long[] times);

    int ftruncate(int fd, long length);

    int syncfs(int fd);

    int fdatasync(int fd);

    int ioctl(int fd, long request, @In @Out int[] argument);

    long read(int fd, @Out ByteBuffer buffer, long length);

    long write(int fd, @In ByteBuffer buffer, long length);

    int fstatfs(int fd, @Out byte[] result);

    long lseek(int fd, long offset, int whence);

    int fsetxattr(int fd, @In byte[] name, @In byte[] value, long size, int flags);

    long fgetxattr(int fd, @In byte[] name, @Out byte[] value, long size);

    int fremovexattr(int fd, @In byte[] name);

    int lsetxattr(@In byte[] path, @In byte[] name, @In byte[] value, long size, int flags);

    long lgetxattr(@In byte[] path, @In byte[] name, @Out byte[] value, long size);

    long getxattr(@In byte[] path, @In byte[] name, @Out byte[] value, long size);

    long listxattr(@In byte[] path, @Out byte[] names, long size);

    long llistxattr(@In byte[] path, @Out byte[] names, long size);

    long getdents64(int fd, @Out byte[] entries, long size);
  }
}
