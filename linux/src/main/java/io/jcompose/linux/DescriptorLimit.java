package io.jcompose.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** How many descriptors this process may have (man 2 getrlimit, RLIMIT_NOFILE). Stateless. */
public final class DescriptorLimit {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final int RLIMIT_NOFILE = 7;
  private static final Path MOST = Path.of("/proc/sys/fs/nr_open");

  private DescriptorLimit() {}

  /**
   * Raises the limit, as far as the kernel and this process's capabilities let it; never lowers it.
   *
   * @return the limit now
   */
  public static long raise(long wanted) {
    long[] limits = limits();
    long most = Math.min(wanted, most());
    if (set(Math.max(limits[0], most), Math.max(limits[1], most))) {
      return Math.max(limits[0], most);
    }
    // beyond the hard limit only root may go
    long allowed = Math.max(limits[0], Math.min(most, limits[1]));
    return set(allowed, limits[1]) ? allowed : limits[0];
  }

  /** How many it may have now. */
  public static long now() {
    return limits()[0];
  }

  /** Soft and hard. */
  private static long[] limits() {
    long[] limits = new long[2];
    Libc.check(LIBC.getrlimit(RLIMIT_NOFILE, limits), "getrlimit", "RLIMIT_NOFILE");
    return limits;
  }

  private static boolean set(long soft, long hard) {
    return LIBC.setrlimit(RLIMIT_NOFILE, new long[] {soft, hard}) == 0;
  }

  /** How many the kernel lets any process have (sysctl fs.nr_open). */
  public static long most() {
    // a number of /proc/sys is given whole, to who asks for enough, or not at all
    byte[] digits = new byte[24];
    try (InputStream file = Files.newInputStream(MOST)) {
      int length = Math.max(0, file.read(digits));
      return Long.parseLong(new String(digits, 0, length, StandardCharsets.US_ASCII).strip());
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Functions of man 2; a limit is two longs. */
  public interface Functions {
    int getrlimit(int resource, @Out long[] limits);

    int setrlimit(int resource, @In long[] limits);
  }
}
