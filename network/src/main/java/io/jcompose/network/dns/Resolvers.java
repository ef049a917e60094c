package io.jcompose.network.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The host's resolver configuration (man 5 resolv.conf), read again when the file changed. */
public final class Resolvers {
  private final Path file;
  private volatile State state =
      new State(FileTime.fromMillis(-1), List.of(), List.of(), List.of());

  public Resolvers(Path file) {
    this.file = file;
  }

  /** Addresses; may be empty. */
  public List<String> nameServers() {
    return current().nameServers;
  }

  public List<String> search() {
    return current().search;
  }

  public List<String> options() {
    return current().options;
  }

  private State current() {
    State known = state;
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(known.changed)) {
        known = read(changed);
        state = known;
      }
    } catch (IOException e) {
      return new State(FileTime.fromMillis(-1), List.of(), List.of(), List.of());
    }
    return known;
  }

  private State read(FileTime changed) throws IOException {
    List<String> servers = new ArrayList<>();
    List<String> search = List.of();
    List<String> options = new ArrayList<>();
    // a remark may be of any encoding
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      List<String> words = words(line);
      if (words.size() < 2) {
        continue;
      }
      List<String> rest = words.subList(1, words.size());
      switch (words.getFirst()) {
        // one address a line; what follows is for people
        case "nameserver" -> servers.add(rest.getFirst());
        case "search", "domain" -> search = rest;
        case "options" -> options.addAll(rest);
        default -> {}
      }
    }
    return new State(changed, List.copyOf(servers), List.copyOf(search), List.copyOf(options));
  }

  /** A remark may stand behind the words of a line. */
  private static List<String> words(String line) {
    return Stream.of(line.strip().split("\\s+"))
        .takeWhile(word -> !word.startsWith("#") && !word.startsWith(";"))
        .toList();
  }

  private record State(
      FileTime changed, List<String> nameServers, List<String> search, List<String> options) {}
}
