package io.jcompose.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's IPv6 settings (Documentation/networking/ip-sysctl). Platform threads only. */
final class Ip6Host {
  private static final Logger LOG = LoggerFactory.getLogger(Ip6Host.class);
  private static final Path CONF = Path.of("/proc/sys/net/ipv6/conf");

  private Ip6Host() {}

  static boolean isPresent() {
    return Files.isDirectory(CONF);
  }

  /**
   * Lets the host forward IPv6. An interface that takes its address and route from router
   * advertisements would stop to do so in a router, so it is told to go on (accept_ra 2). Stays on
   * after the engine ends, as with Docker.
   */
  static void forward() {
    Path all = CONF.resolve("all/forwarding");
    if (read(all).equals("1")) {
      return;
    }
    try (DirectoryStream<Path> interfaces = Files.newDirectoryStream(CONF)) {
      for (Path each : interfaces) {
        Path accept = each.resolve("accept_ra");
        if (read(accept).equals("1")) {
          write(accept, "2");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to list " + CONF, e);
    }
    write(all, "1");
    LOG.info("IPv6 forwarding is on, for networks with IPv6");
  }

  /** A bridge that has IPv6, and takes no address and route from what containers advertise. */
  static void enable(String bridge) {
    write(CONF.resolve(bridge).resolve("disable_ipv6"), "0");
    write(CONF.resolve(bridge).resolve("accept_ra"), "0");
  }

  /** The machine's id, from which its local subnets are made; empty when it has none. */
  static String hostId() {
    return read(Path.of("/etc/machine-id"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static void write(Path file, String value) {
    try {
      Files.write(file, value.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to set " + file + " to " + value, e);
    }
  }
}
