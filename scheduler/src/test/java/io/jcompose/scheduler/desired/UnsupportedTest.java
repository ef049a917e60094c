package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is refused and warned about, for each attribute that docs/compose-support.md names. */
class UnsupportedTest {
  private static final Path FOLDER =
      Path.of("src/test/resources/UnsupportedTest/all").toAbsolutePath();

  @Test
  void saysWhatIsNotCarriedOut() throws IOException {
    Translation translation =
        Translation.of(new ProjectLoader().load(LoadRequest.of(FOLDER, Map.of())));
    StringBuilder text = new StringBuilder();
    new TreeMap<>(translation.refusals())
        .forEach((name, all) -> all.forEach(one -> text.append("refused: " + one + "\n")));
    new TreeMap<>(translation.warnings())
        .forEach((name, all) -> all.forEach(one -> text.append("warned: " + one + "\n")));
    assertThat(text.toString().replace(FOLDER + "/", ""))
        .isEqualTo(Files.readString(FOLDER.resolve("expected.txt")));
  }
}
