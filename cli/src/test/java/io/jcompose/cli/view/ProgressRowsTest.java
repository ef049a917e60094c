package io.jcompose.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressRowsTest {
  private final ProgressRows rows = new ProgressRows("Running", false);

  @Test
  void drawsWhatWorksAndWhatIsDone() {
    rows.step(step("Network shop_default", "Created"), 0);
    rows.step(step("Container shop-db-1", "Starting"), 100);
    rows.step(step("Container shop-web-1", "Error"), 200);
    assertThat(rows.draw(1300, 50, 24))
        .containsExactly(
            "[+] Running 2/3",
            " ✔ Network shop_default  Created            0.0s ",
            " ⠸ Container shop-db-1   Starting           1.2s ",
            " ✘ Container shop-web-1  Error              0.0s ");
  }

  @Test
  void showsTheBytesOfAPullUnderItsImage() {
    rows.step(step("web", "Pulling"), 0);
    rows.step(layer("a1", "Downloading", 500_000, 1_000_000), 0);
    rows.step(layer("b2", "Pull complete", 0, 2_000_000), 0);
    assertThat(rows.draw(0, 60, 24).get(1)).contains("Pulling [⣤⣿] ");
  }

  @Test
  void colours() {
    ProgressRows coloured = new ProgressRows("Running", true);
    coloured.step(step("Container a", "Started"), 0);
    assertThat(coloured.draw(0, 40, 24))
        .containsExactly(
            "\u001b[34m[+] Running 1/1\u001b[0m",
            " \u001b[32m✔\u001b[0m Container a  \u001b[32mStarted\u001b[0m           "
                + "\u001b[34m0.0s \u001b[0m");
  }

  @Test
  void leavesOutDoneRowsWhereTheScreenIsSmall() {
    for (int i = 0; i < 10; i++) {
      rows.step(step("Container " + i, i < 8 ? "Started" : "Starting"), 0);
    }
    assertThat(rows.draw(0, 80, 5))
        .hasSize(4)
        .anyMatch(line -> line.contains("Container 8"))
        .anyMatch(line -> line.contains("Container 9"));
  }

  @Test
  void printsEachNewStatusOnceInPlainForm() throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    LineProgress plain = new LineProgress(false, output);
    plain.step(step("Container x", "Creating"), "");
    plain.step(step("Container x", "Creating"), "");
    plain.step(step("Container x", "Created"), "");
    assertThat(output.toString(StandardCharsets.UTF_8))
        .isEqualTo(" Container x  Creating\n Container x  Created\n");
  }

  private static Map<String, String> step(String id, String status) {
    return Map.of("id", id, "status", status);
  }

  private static Map<String, String> layer(String id, String status, long current, long total) {
    return Map.of(
        "id",
        id,
        "parent_id",
        "web",
        "status",
        status,
        "current",
        "" + current,
        "total",
        "" + total);
  }
}
