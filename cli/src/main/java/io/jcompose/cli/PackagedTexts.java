package io.jcompose.cli;

import io.jcompose.cli.help.Completion;
import io.jcompose.cli.help.ManPages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes the manual and the shells' completions to where they lie below a {@code share} folder; the
 * build of the distribution runs it: {@code PackagedTexts SHARE}.
 */
final class PackagedTexts {
  private static final Map<String, String> COMPLETIONS =
      Map.of(
          "bash", "bash-completion/completions/jcompose",
          "zsh", "zsh/site-functions/_jcompose",
          "fish", "fish/vendor_completions.d/jcompose.fish");

  private PackagedTexts() {}

  public static void main(String[] arguments) throws IOException {
    Path share = Path.of(arguments[0]);
    for (String shell : Completion.SHELLS) {
      write(share.resolve(COMPLETIONS.get(shell)), Completion.script(shell));
    }
    for (Map.Entry<String, String> page : ManPages.all().entrySet()) {
      write(share.resolve("man/man1").resolve(page.getKey()), page.getValue());
    }
  }

  private static void write(Path file, String text) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, text);
  }
}
