package io.jcompose.network.link;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The host's IPv6 settings (Documentation/networking/ip-sysctl). Platform threads only. */
public final class Ip6Host {
  private static final Path CONF = Path.of("/proc/sys/net/ipv6/conf");

  private Ip6Host() {}

  public static boolean isPresent() {
    return Files.isDirectory(CONF);
  }

  /**
   * An interface that takes its address and route from router advertisements would stop to do so in
   * a router, so before the host becomes one it is told to go on (accept_ra 2).
   */
  public static void keepAdvertisements() {
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
  }

  /**
   * Lets an interface believe nothing that containers say: one router advertisement would give the
   * host an address and a default route by the container (CVE-2020-13401). To be called before the
   * interface comes up.
   *
   * @param used the host has an IPv6 address there; else the interface has no IPv6 at all
   */
  public static void guard(String name, boolean used) {
    if (!isPresent()) {
      return;
    }
    Path conf = CONF.resolve(name);
    for (String each : List.of("accept_ra", "autoconf", "accept_redirects")) {
      write(conf.resolve(each), "0");
    }
    write(conf.resolve("disable_ipv6"), used ? "0" : "1");
  }

  /** The machine's id, from which its local subnets are made; empty when it has none. */
  public static String hostId() {
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
