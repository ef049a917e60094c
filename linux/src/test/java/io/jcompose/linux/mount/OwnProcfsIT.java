package io.jcompose.linux.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OwnProcfsIT {
  private static final String PORT_START = "net/ipv4/ip_unprivileged_port_start";

  @Test
  void writesToTheNamespaceOfTheThreadOnly() {
    String before = read();
    try (NetworkNamespace home = NetworkNamespace.current()) {
      NetworkNamespace.Made<String> made =
          NetworkNamespace.make(
              home,
              () -> {
                try (OwnProcfs proc = OwnProcfs.open()) {
                  assertTrue(proc.writeSysctl(PORT_START, "77"));
                }
                return read();
              });
      made.namespace().close();
      assertEquals("77", made.inside());
    }
    assertEquals(before, read());
  }

  @Test
  void tellsWhatTheKernelLacksFromWhatItRefuses() {
    try (OwnProcfs proc = OwnProcfs.open()) {
      assertFalse(proc.writeSysctl("net/ipv4/conf/none-such/forwarding", "1"));
      assertThrows(KernelException.class, () -> proc.writeSysctl(PORT_START, "no number"));
    }
  }

  private static String read() {
    try {
      return Files.readAllLines(Path.of("/proc/sys", PORT_START)).getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
