package io.jcompose.linux;

import java.nio.charset.StandardCharsets;
import java.util.List;
import jnr.ffi.annotations.Out;

/** The kernel's own log, as {@code dmesg} shows it. */
public final class KernelLog {
  private static final int READ_ALL = 3; // man 2 syslog
  private static final int BYTES = 256 << 10;

  private KernelLog() {}

  /** Functions of man 2 and man 3. */
  public interface Functions {
    int klogctl(int type, @Out byte[] buffer, int length);
  }

  private static final class Kernel {
    static final Functions CALLS = Libc.load(Functions.class);
  }

  /**
   * The last 256 KiB of messages, oldest first; empty where the kernel lets nobody read them. Does
   * not block.
   */
  public static List<String> lines() {
    byte[] buffer = new byte[BYTES];
    int length = Kernel.CALLS.klogctl(READ_ALL, buffer, buffer.length);
    return length <= 0
        ? List.of()
        : new String(buffer, 0, length, StandardCharsets.UTF_8).lines().toList();
  }
}
