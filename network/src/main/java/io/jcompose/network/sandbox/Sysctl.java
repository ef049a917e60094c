package io.jcompose.network.sandbox;

import io.jcompose.linux.mount.OwnProcfs;
import java.util.List;

/**
 * A setting of a network namespace.
 *
 * @param name its path below {@code /proc/sys/net}
 */
record Sysctl(String name, String value) {
  /** Sets all of them in the namespace that the calling thread is in, where the kernel has them. */
  static void write(List<Sysctl> settings) {
    try (OwnProcfs proc = OwnProcfs.open()) {
      for (Sysctl setting : settings) {
        proc.writeSysctl("net/" + setting.name, setting.value);
      }
    }
  }
}
