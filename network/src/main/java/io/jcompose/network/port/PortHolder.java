package io.jcompose.network.port;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Finds the process that has a port, for a message (man 5 proc, net/tcp). Best effort. */
final class PortHolder {
  private static final String LISTEN = "0A";

  private PortHolder() {}

  /** {@code nginx, pid 123}, or empty. */
  static String describe(String protocol, int port) {
    try {
      Set<String> inodes = new HashSet<>();
      collect(Path.of("/proc/net", protocol), protocol, port, inodes);
      collect(Path.of("/proc/net", protocol + "6"), protocol, port, inodes);
      return inodes.isEmpty() ? "" : find(inodes);
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }

  private static void collect(Path file, String protocol, int port, Set<String> inodes)
      throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      String[] fields = line.strip().split("\\s+");
      boolean listens = protocol.equals("udp") || fields[3].equals(LISTEN);
      if (fields.length > 9 && fields[1].endsWith(suffix) && listens) {
        inodes.add("socket:[" + fields[9] + "]");
      }
    }
  }

  private static String find(Set<String> inodes) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (has(process.resolve("fd"), inodes)) {
          String name = Files.readString(process.resolve("comm")).strip();
          return name + ", pid " + process.getFileName();
        }
      }
    }
    return "";
  }

  private static boolean has(Path descriptors, Set<String> inodes) {
    try (DirectoryStream<Path> each = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : each) {
        if (Files.isSymbolicLink(descriptor)
            && inodes.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      }
    } catch (IOException e) {
      // the process has ended, or is none of ours
      return false;
    }
    return false;
  }
}
