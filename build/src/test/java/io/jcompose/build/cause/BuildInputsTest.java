package io.jcompose.build.cause;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.build.context.FileList;
import io.jcompose.core.build.BuildSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildInputsTest {
  private static final String BASE = "alpine sha256:aaa";

  @TempDir Path folder;

  private BuildInputs begin() {
    return begin(new PastBuilds(folder), "/src");
  }

  private static BuildInputs begin(PastBuilds all, String context) {
    return new BuildInputs(all, BuildSpec.of("web", Path.of(context)), FileList.Room.ofHeap());
  }

  private static StepInputs step(String text, String below, Input... inputs) {
    return new StepInputs(text.split(" ")[0], text, below, List.of(inputs), false);
  }

  private static Input value(String name, String value) {
    return new Input(name, value, value, Map.of(), false);
  }

  private static Input files(String digest, Map<String, String> files) {
    return new Input("the files", digest, null, files, false);
  }

  private void built(StepInputs... steps) {
    BuildInputs build = begin();
    StageInputs stage = build.stage("0", BASE, false);
    for (StepInputs step : steps) {
      stage.begun(step);
      stage.ended();
    }
    build.end(true);
  }

  private String cause(StepInputs step, StepInputs... before) {
    StageInputs stage = begin().stage("0", BASE, false);
    List.of(before).forEach(stage::known);
    return stage.cause(step);
  }

  @Test
  void theFirstBuildIsTheFirst() {
    assertThat(cause(step("RUN a", "1"))).isEqualTo("never built before");
  }

  @Test
  void whatChangedIsCalledByItsName() {
    StepInputs first = step("RUN a", "1", value("ARG V", "1"), value("USER", ""));
    built(first);
    assertThat(cause(step("RUN a", "1", value("ARG V", "2"), value("USER", "x"))))
        .isEqualTo("ARG V: 1, now 2");
    assertThat(cause(step("RUN a", "1", value("ARG V", "1"), value("USER", "x"))))
        .isEqualTo("USER: empty, now x");
    assertThat(cause(step("RUN a", "1", value("USER", "")))).isEqualTo("ARG V is gone");
    assertThat(
            cause(step("RUN a", "1", value("ARG W", "1"), value("ARG V", "1"), value("USER", ""))))
        .isEqualTo("ARG W is new");
    assertThat(cause(first)).isEqualTo("its result was removed");
  }

  @Test
  void filesAreNamed() {
    Map<String, String> was = Map.of("a", "f644 11", "b", "f644 22", "c", "l777 33");
    built(step("COPY . .", "1", files("x", was)));
    assertThat(cause(copied(Map.of("a", "f644 12", "b", "f644 22", "c", "l777 33"))))
        .isEqualTo("a changed");
    assertThat(cause(copied(Map.of("a", "f600 11", "b", "f644 22", "c", "l777 33"))))
        .isEqualTo("permissions of a: 644, now 600");
    assertThat(cause(copied(Map.of("b", "f644 23", "c", "l777 33", "d", "f644 1"))))
        .isEqualTo("a is gone, and 2 more");
    assertThat(cause(copied(Map.of("a", "l777 11", "b", "f644 22", "c", "l777 33"))))
        .isEqualTo("a changed");
    assertThat(cause(copied(Map.of()))).isEqualTo("the files changed");
  }

  private static StepInputs copied(Map<String, String> files) {
    return step("COPY . .", "1", files("y", files));
  }

  @Test
  void whatLiesBelowCountsWhenNothingElseDiffers() {
    built(step("RUN a", "1"), step("RUN b", "2"));
    BuildInputs now = begin();
    StageInputs stage = now.stage("0", "alpine sha256:bbb", false);
    assertThat(stage.cause(step("RUN a", "9")))
        .isEqualTo("base image alpine sha256:aaa, now alpine sha256:bbb");
    stage.begun(step("RUN a", "9"));
    stage.ended();
    assertThat(stage.cause(step("RUN b", "10"))).isEqualTo("a step before it");
    assertThat(stage.cause(step("COPY x y", "10"))).isEqualTo("the instruction is new");
    assertThat(now.stage("0", "", true).cause(step("RUN a", "9"))).isEqualTo("a step before it");
  }

  @Test
  void aStepThatMovedIsFoundAgain() {
    built(step("RUN a", "1"), step("RUN b", "2", value("ARG V", "1")));
    assertThat(cause(step("RUN b", "1", value("ARG V", "2")))).isEqualTo("ARG V: 1, now 2");
    StepInputs changed = step("RUN c", "1", value("the command", "c"));
    assertThat(cause(changed)).isEqualTo("the command is new");
  }

  /** What a broken off build did not reach is compared with the one before. */
  @Test
  void aBuildThatFailsLosesNothing() {
    built(step("RUN a", "1"), step("RUN b", "2"), step("RUN c", "3", value("ARG V", "1")));
    BuildInputs broken = begin();
    StageInputs stage = broken.stage("0", BASE, false);
    stage.known(step("RUN a", "1"));
    stage.begun(step("RUN b", "2", value("ARG W", "1")));
    broken.end(false);
    StepInputs again = step("RUN b", "2", value("ARG W", "1"));
    assertThat(cause(again, step("RUN a", "1"))).isEqualTo("it failed the last time");
    assertThat(cause(step("RUN c", "3", value("ARG V", "2")), step("RUN a", "1"), again))
        .isEqualTo("ARG V: 1, now 2");
  }

  @Test
  void placesAreBounded() throws IOException {
    PastBuilds all = new PastBuilds(folder);
    for (int i = 0; i < 510; i++) {
      BuildInputs build = begin(all, "/src/" + i);
      build.stage("0", "", false).known(step("RUN a", "1"));
      build.end(true);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(500);
    }
  }

  @Test
  void aDamagedFileCountsAsNone() throws IOException {
    built(step("RUN a", "1"));
    try (Stream<Path> files = Files.list(folder)) {
      Files.writeString(files.findFirst().orElseThrow(), "{\"stage\":");
    }
    assertThat(cause(step("RUN a", "2"))).isEqualTo("never built before");
  }

  /** Nothing is written when nothing changed. */
  @Test
  void theSameBuildIsNotWrittenAgain() throws IOException {
    PastBuilds all = new PastBuilds(folder);
    for (int i = 0; i < 2; i++) {
      BuildInputs build = begin(all, "/src");
      build.stage("0", "", false).known(step("RUN a", "1"));
      build.end(true);
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> found = files.toList();
        assertThat(found).hasSize(1 - i);
        for (Path file : found) {
          Files.delete(file); // would be there again
        }
      }
    }
  }
}
