package io.jcompose.linux.file;

import java.util.Arrays;

/** Names and times in the form that calls of the kernel take. */
final class KernelArguments {
  private static final long UTIME_OMIT = (1L << 30) - 2;

  private KernelArguments() {}

  /** With the zero at its end. */
  static byte[] cString(byte[] text) {
    return Arrays.copyOf(text, text.length + 1);
  }

  /** A modification time, and the access time as it is (man 2 utimensat). */
  static long[] times(long seconds, int nanos) {
    return new long[] {0, UTIME_OMIT, seconds, nanos};
  }

  /** Whether a name is {@code .} or {@code ..}. */
  static boolean isDots(byte[] entry) {
    return (entry.length == 1 && entry[0] == '.')
        || (entry.length == 2 && entry[0] == '.' && entry[1] == '.');
  }
}
