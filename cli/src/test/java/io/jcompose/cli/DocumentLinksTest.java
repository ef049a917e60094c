package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between the documents lead somewhere, and the index of docs/ has every page. */
class DocumentLinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  @Test
  void eachRelativeLinkAndAnchorExists() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Documents.Page page : Documents.pages()) {
      page.eachLine(code -> {}, text -> dead.addAll(deadLinks(page.name(), text)));
    }
    assertThat(dead).isEmpty();
  }

  private static List<String> deadLinks(String page, String text) {
    List<String> dead = new ArrayList<>();
    Matcher link = LINK.matcher(text.replaceAll("`[^`]*`", "code"));
    while (link.find()) {
      String target = link.group(1);
      if (!target.matches("[a-z]+:.*") && !exists(page, target)) {
        dead.add(page + ": " + target);
      }
    }
    return dead;
  }

  private static boolean exists(String page, String target) {
    String[] parts = target.split("#", 2);
    Path from = Documents.ROOT.resolve(page);
    Path file = parts[0].isEmpty() ? from : from.resolveSibling(parts[0]);
    return Files.exists(file)
        && (parts.length == 1 || anchors(Documents.Page.read(file.normalize())).contains(parts[1]));
  }

  /** The names that GitHub gives to headings. */
  private static List<String> anchors(Documents.Page page) {
    List<String> anchors = new ArrayList<>();
    page.eachLine(
        code -> {},
        text -> {
          if (text.startsWith("#")) {
            String heading = text.replaceFirst("^#+ +", "").toLowerCase(Locale.ROOT);
            anchors.add(heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
          }
        });
    return anchors;
  }

  @Test
  void theIndexHasEveryPage() throws IOException {
    Path docs = Documents.ROOT.resolve("docs");
    try (Stream<Path> pages = Files.walk(docs)) {
      assertThat(
              pages
                  .filter(page -> page.toString().endsWith(".md"))
                  .filter(page -> !page.equals(docs.resolve("README.md")))
                  .filter(page -> !named(docs, page) && !named(page.getParent(), page)))
          .as("pages that neither docs/README.md names nor the index of their folder")
          .isEmpty();
    }
  }

  /** Whether the index of a folder names a page; one without an index names none. */
  private static boolean named(Path folder, Path page) {
    Path index = folder.resolve("README.md");
    return !index.equals(page)
        && Files.exists(index)
        && Documents.Page.read(index).lines().stream()
            .anyMatch(line -> line.contains("](" + folder.relativize(page) + ")"));
  }
}
