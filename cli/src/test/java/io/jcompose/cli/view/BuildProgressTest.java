package io.jcompose.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is shown of builds, their steps, and what these print. */
class BuildProgressTest {
  private static final String STEP = "[web 2/3] RUN make";

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  private static Map<String, String> image(String status) {
    return Map.of("id", "Image web", "status", status);
  }

  private static Map<String, String> step(String status) {
    return Map.of("id", STEP, "parent_id", "Image web", "status", status);
  }

  private static Map<String, String> printed(String text) {
    return Map.of("id", STEP, "parent_id", "Image web", "status", "Output", "text", text);
  }

  private String text() {
    return output.toString(StandardCharsets.UTF_8);
  }

  @Test
  void plainLinesHaveTheStepsNumber() throws IOException {
    LineProgress view = new LineProgress(false, output);
    view.step(image("Building"), "");
    view.step(step("Building"), "");
    view.step(printed("a\tb"), "");
    view.step(printed("a\tb"), "");
    view.step(step("Done"), "");
    assertThat(text())
        .isEqualTo(
            " Image web  Building\n [web 2/3] RUN make  Building\n"
                + "[web 2/3] a\tb\n[web 2/3] a\tb\n [web 2/3] RUN make  Done\n");
  }

  @Test
  void whatAStepPrintsActsOnNoTerminal() throws IOException {
    LineProgress view = new LineProgress(false, output);
    view.step(printed("\u001b[32mgreen\u001b[0m \u001b]0;title\u0007 \b"), "");
    view.step(printed("10%\r50%\r100%\r"), "");
    view.step(printed("two\nlines"), "");
    assertThat(text())
        .isEqualTo(
            "[web 2/3] green \\x1b]0;title\\x07 \\x08\n[web 2/3] 100%\n[web 2/3] two\\nlines\n");
  }

  @Test
  void programsGetAllOfIt() throws IOException {
    LineProgress view = new LineProgress(true, output);
    view.step(printed("x"), "{\"id\":\"x\"}");
    assertThat(text()).isEqualTo("{\"id\":\"x\"}\n");
  }

  @Test
  void aTerminalShowsTheLastLinesOfARunningStep() {
    ProgressRows rows = new ProgressRows("Building", false);
    rows.step(image("Building"), 0);
    rows.step(Map.of("id", "[web 1/3] FROM x", "parent_id", "Image web", "status", "Cached"), 0);
    rows.step(step("Building"), 0);
    for (int i = 1; i <= 8; i++) {
      rows.step(printed("line " + i), 0);
    }
    List<String> lines = rows.draw(1000, 60, 24);
    assertThat(lines).hasSize(2 + 2 + 6);
    assertThat(lines.get(0)).isEqualTo("[+] Building 0/1");
    assertThat(lines.get(2)).contains("[web 1/3] FROM x").contains("Cached");
    assertThat(lines.get(3)).contains(STEP);
    assertThat(lines.subList(4, 10))
        .extracting(String::strip)
        .containsExactly("line 3", "line 4", "line 5", "line 6", "line 7", "line 8");
    rows.step(step("Done"), 2000);
    rows.step(image("Built"), 2000);
    assertThat(rows.draw(2000, 60, 24)).hasSize(2);
  }

  @Test
  void aSmallTerminalShowsWhatWorks() {
    ProgressRows rows = new ProgressRows("Building", false);
    rows.step(image("Building"), 0);
    for (int i = 1; i < 20; i++) {
      rows.step(
          Map.of("id", "[web " + i + "/20] RUN x", "parent_id", "Image web", "status", "Done"), 0);
    }
    rows.step(step("Building"), 0);
    rows.step(printed("working"), 0);
    assertThat(rows.draw(0, 60, 8))
        .hasSizeLessThanOrEqualTo(8)
        .anyMatch(line -> line.contains(STEP))
        .anyMatch(line -> line.strip().equals("working"));
  }

  @Test
  void afterAFailureAllThatTheStepPrintedIsTold() {
    ProgressRows rows = new ProgressRows("Building", false);
    rows.step(step("Building"), 0);
    for (int i = 0; i < 2000; i++) {
      rows.step(printed("line " + i), 0);
    }
    assertThat(rows.failedOutput(step("Done"))).isEmpty();
    List<String> lines = rows.failedOutput(step("Error"));
    assertThat(lines).hasSize(1000).endsWith("[web 2/3] line 1999");
    assertThat(rows.failedOutput(step("Error"))).isEmpty();
  }

  @Test
  void longOutputIsBounded() {
    StepOutput kept = new StepOutput();
    for (int i = 0; i < 100; i++) {
      kept.add(printed("x".repeat(8192)), "");
    }
    assertThat(kept.taken(printed(""))).hasSize(8);
  }

  @Test
  void quietBuildsTellOnlyWhatFailed() throws IOException {
    ProgressView view = new QuietBuilds(new LineProgress(false, output));
    view.step(image("Building"), "");
    view.step(step("Building"), "");
    view.step(printed("why"), "");
    assertThat(text()).isEmpty();
    view.step(step("Error"), "");
    view.step(Map.of("id", "Container a", "status", "Created"), "");
    assertThat(text())
        .isEqualTo("[web 2/3] why\n [web 2/3] RUN make  Error\n Container a  Created\n");
  }
}
