package io.jcompose.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlLinesTest {
  private final PrintStream former = System.err;
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final ByteArrayOutputStream viewed = new ByteArrayOutputStream();
  private final ControlLines lines = new ControlLines(new LineProgress(false, viewed));

  ControlLinesTest() {
    System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setErr(former);
  }

  private void step(String status, String text) throws IOException {
    boolean ignored =
        lines.accept(
            "{\"id\":\"Container a-1\",\"status\":\"" + status + "\",\"text\":\"" + text + "\"}");
  }

  @Test
  void whoFailedIsToldBesideTheOutputOfTheOthersToo() throws IOException {
    step("Creating", "");
    assertThat(lines.accept("{\"attached\":true}")).isTrue();
    step("Created", "");
    step("Error", "no such program");
    assertThat(viewed.toString(StandardCharsets.UTF_8)).isEqualTo(" Container a-1  Creating\n");
    assertThat(told.toString(StandardCharsets.UTF_8))
        .isEqualTo(" Container a-1  Error  no such program\n");
  }

  @Test
  void imagesAndWarningsAreNoBeginOfAProject() throws IOException {
    for (String row : new String[] {"Image a", "Build", "[web 2/2] RUN make"}) {
      boolean _ = lines.accept("{\"id\":\"" + row + "\",\"status\":\"Building\"}");
    }
    step("Warning", "its port is taken");
    assertThat(lines.isBegun()).isFalse();
    step("Creating", "");
    assertThat(lines.isBegun()).isTrue();
  }

  @Test
  void whoFailedIsToldWhereNothingElseIs() throws IOException {
    try (ControlLines quiet =
        new ControlLines(new QuietProgress(new LineProgress(false, viewed)))) {
      for (String status : new String[] {"Creating", "Created", "Error", "Removed"}) {
        assertThat(
                quiet.accept(
                    "{\"id\":\"Container a-1\",\"status\":\""
                        + status
                        + "\",\"text\":\"no port\"}"))
            .isFalse();
      }
    }
    assertThat(viewed.toString(StandardCharsets.UTF_8))
        .isEqualTo(" Container a-1  Error  no port\n");
  }

  @Test
  void whatACheckFindsIsNotToldOfAQuietBuild() throws IOException {
    try (ControlLines quiet =
        new ControlLines(new QuietBuilds(new QuietProgress(new LineProgress(false, viewed))))) {
      for (String row : new String[] {"Build check", "Build"}) {
        boolean _ =
            quiet.accept(
                "{\"id\":\"" + row + "\",\"status\":\"Warning\",\"text\":\"of " + row + "\"}");
      }
    }
    assertThat(viewed.toString(StandardCharsets.UTF_8)).isEqualTo(" Build  Warning  of Build\n");
  }

  @Test
  void aLayerIsToldWithItsImage() throws IOException {
    assertThat(
            lines.accept(
                "{\"id\":\"306d7df4dc2a\",\"parent_id\":\"Image busybox\",\"status\":\"Downloading\"}"))
        .isFalse();
    assertThat(viewed.toString(StandardCharsets.UTF_8))
        .isEqualTo(" 306d7df4dc2a of busybox  Downloading\n");
  }

  @Test
  void eachWarningIsALine() throws IOException {
    step("Warning", "one");
    step("Warning", "two");
    step("Creating", "");
    step("Creating", "");
    assertThat(viewed.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            " Container a-1  Warning  one\n Container a-1  Warning  two\n"
                + " Container a-1  Creating\n");
  }

  @Test
  void whatAContainerThatFailedHasToSayComesWhole() throws IOException {
    assertThat(lines.accept("{\"report\":\"a-1, the end of its log:\\n  oops\\n\"}")).isFalse();
    assertThat(told.toString(StandardCharsets.UTF_8))
        .isEqualTo("a-1, the end of its log:\n  oops\n\n");
  }

  @Test
  void aViewThatWasEndedIsSilent() throws IOException {
    lines.endView();
    step("Error", "no such program");
    assertThat(told.size() + viewed.size()).isZero();
  }
}
