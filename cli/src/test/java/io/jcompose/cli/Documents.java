package io.jcompose.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The repository's Markdown files, for the tests that hold them. Immutable. */
final class Documents {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** What tells of the past: it names what is there no more. */
  private static final Set<String> HISTORY = Set.of("CHANGELOG.md", "docs/reports.md");

  private Documents() {}

  /** One page; {@code name} is its path below the repository. */
  record Page(String name, List<String> lines) {
    static Page read(Path file) {
      try {
        return new Page(ROOT.relativize(file).toString(), Files.readAllLines(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean isHistory() {
      return HISTORY.contains(name);
    }

    /** Calls one of two for each line: as code when it is in a block, fenced or indented. */
    void eachLine(Consumer<String> code, Consumer<String> text) {
      boolean fenced = false;
      boolean mayIndent = true;
      for (String line : lines) {
        if (line.startsWith("```")) {
          fenced = !fenced;
        } else if (fenced || (mayIndent && line.startsWith("    "))) {
          code.accept(line);
        } else {
          text.accept(line);
          mayIndent = line.isBlank() || line.startsWith("#");
        }
      }
    }

    /** The content of the fenced blocks of a language. */
    List<String> blocks(String language) {
      List<String> found = new ArrayList<>();
      StringBuilder block = new StringBuilder();
      boolean inside = false;
      for (String line : lines) {
        if (inside && line.equals("```")) {
          found.add(block.toString());
          block.setLength(0);
          inside = false;
        } else if (inside) {
          block.append(line).append('\n');
        } else {
          inside = line.equals("```" + language);
        }
      }
      return found;
    }
  }

  /** All pages of the sources, in the order of their names. */
  static List<Page> pages() throws IOException {
    List<Page> pages = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> isSource(ROOT.relativize(file)))
          .sorted()
          .forEach(file -> pages.add(Page.read(file)));
    }
    return pages;
  }

  private static boolean isSource(Path file) {
    for (Path part : file) {
      if (part.toString().startsWith(".") || Set.of("target", "dist").contains(part.toString())) {
        return false;
      }
    }
    return true;
  }

  /** All main sources as one text, Java's texts over several lines joined. */
  static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file : files.filter(Documents::isMainSource).sorted().toList()) {
        all.append(Files.readString(file)).append('\n');
      }
    }
    return all.toString().replaceAll("\"\\s*\\+\\s*\"", "");
  }

  private static boolean isMainSource(Path file) {
    String name = ROOT.relativize(file).toString();
    return name.contains("src/main/")
        && name.matches(".*\\.(java|c|h)")
        && !name.contains("target");
  }
}
