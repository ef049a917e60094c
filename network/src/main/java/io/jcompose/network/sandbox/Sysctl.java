package io.jcompose.network.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A setting of the network namespace that the calling thread is in.
 *
 * @param name its path below {@code /proc/sys/net}
 */
record Sysctl(String name, String value) {
  /** Sets it, where the kernel has it. */
  void write() {
    Path file = Path.of("/proc/sys/net", name);
    try {
      if (Files.exists(file)) {
        Files.write(file, value.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to set sysctl " + file, e);
    }
  }
}
