package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import jnr.constants.platform.Errno;

/** Reads extended attributes by their path (man 7 xattr), which may be one below /proc/self/fd. */
final class ExtendedAttributes {
  private static final int LIMIT = 65536; // of a value and of all names: linux/limits.h

  /** Of all values of a file together: some file systems keep thousands of the largest. */
  private static final int TOTAL_LIMIT = 1 << 20;

  private ExtendedAttributes() {}

  /** Of man 2 listxattr and man 2 getxattr. */
  interface Calls {
    long list(byte[] path, byte[] names, long size);

    long get(byte[] path, byte[] name, byte[] value, long size);
  }

  /** Those of the file itself when it is a symbolic link. */
  static Map<String, byte[]> ofLink(byte[] path, String subject) {
    return all(
        path,
        subject,
        new Calls() {
          @Override
          public long list(byte[] at, byte[] names, long size) {
            return LIBC.llistxattr(at, names, size);
          }

          @Override
          public long get(byte[] at, byte[] name, byte[] value, long size) {
            return LIBC.lgetxattr(at, name, value, size);
          }
        });
  }

  /** Those of the file that the path leads to. */
  static Map<String, byte[]> following(byte[] path, String subject) {
    return all(
        path,
        subject,
        new Calls() {
          @Override
          public long list(byte[] at, byte[] names, long size) {
            return LIBC.listxattr(at, names, size);
          }

          @Override
          public long get(byte[] at, byte[] name, byte[] value, long size) {
            return LIBC.getxattr(at, name, value, size);
          }
        });
  }

  /**
   * All of a file.
   *
   * @throws KernelException E2BIG for more than a mebibyte of values, among others
   */
  static Map<String, byte[]> all(byte[] path, String subject, Calls calls) {
    long length = calls.list(path, new byte[0], 0); // most files have none, and need no buffer
    if (length == 0 || (length < 0 && Libc.errno() == Errno.EOPNOTSUPP.intValue())) {
      return Map.of();
    }
    byte[] names = new byte[LIMIT];
    length = Libc.check(calls.list(path, names, names.length), "listxattr", subject);
    Map<String, byte[]> found = new LinkedHashMap<>();
    String all = new String(names, 0, (int) length, StandardCharsets.UTF_8);
    byte[] value = new byte[LIMIT];
    long left = TOTAL_LIMIT;
    for (String key : all.split("\0")) {
      byte[] rawKey = KernelArguments.cString(key.getBytes(StandardCharsets.UTF_8));
      long size = key.isEmpty() ? -1 : calls.get(path, rawKey, value, value.length);
      if (size >= 0) {
        left -= size;
        if (left < 0) {
          throw new KernelException("getxattr of", subject, Errno.E2BIG.intValue());
        }
        found.put(key, Arrays.copyOf(value, (int) size));
      } else if (!key.isEmpty() && Libc.errno() != Errno.ENODATA.intValue()) { // removed meanwhile
        throw new KernelException("getxattr " + key + " of", subject, Libc.errno());
      }
    }
    return found;
  }
}
