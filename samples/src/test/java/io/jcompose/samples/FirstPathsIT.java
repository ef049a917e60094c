package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import io.jcompose.samples.FirstPath.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Types what repositories of thirteen kinds tell their users to type first, in a copy of each, with
 * a {@code docker} in the path that is jcompose. Each step works, or is refused in one or two lines
 * that say why.
 */
class FirstPathsIT {
  private static final int MOST_LINES = 2; // ours, and one of make
  private static final String PROGRESS = " ";
  private static final List<String> BAD_WORDS =
      List.of("Exception", "\tat ", "unknown jcompose command", "Usage:", "host null");

  @TempDir static Path root;
  private static Stage stage;

  @BeforeAll
  static void open() throws Exception {
    Path program = Stage.HOME.resolve("dist/jcompose/bin/jcompose");
    Path links = Files.createDirectory(root.resolve("bin"));
    Files.createSymbolicLink(links.resolve("docker"), program);
    stage =
        new Stage(
            root,
            Map.of(
                "PATH",
                links + ":" + System.getenv("PATH"),
                "MAKEFLAGS",
                "--no-print-directory",
                "DOCKER_SOCKET",
                root.resolve("no/docker.sock").toString()));
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    Files.deleteIfExists(root.resolve("bin/docker")); // leads out of the temporary folder
    if (stage != null) {
      stage.ok(root, "network", "prune", "-f");
      stage.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> firstPaths() throws IOException {
    return FirstPath.all().stream()
        .map(path -> DynamicTest.dynamicTest(path.name(), () -> walk(path)));
  }

  private static void walk(FirstPath path) throws Exception {
    Path folder = root.resolve(path.name());
    Trees.copy(path.folder(), folder);
    try {
      for (Step step : path.steps()) {
        check(step, stage.tried(folder, step.command()));
      }
      assertThat(left()).isEmpty();
      assertThat(Trees.names(folder)).isEqualTo(Trees.names(path.folder()));
    } finally {
      clear();
    }
  }

  /** Told of what went well, also by commands before the one that is refused. */
  private static boolean isRemark(String line) {
    return line.startsWith(PROGRESS) || line.equals("No stopped containers");
  }

  private static void check(Step step, Result result) {
    String what = "$ " + step.command() + "\n" + result;
    String said = result.out() + result.err();
    step.shown().forEach(text -> assertThat(said).as(what).contains(text));
    if (step.exitCode() < 0) {
      assertThat(result.exitCode()).as(what).isNotZero();
      assertThat(result.err().lines().filter(line -> !isRemark(line)))
          .as(what)
          .hasSizeLessThanOrEqualTo(MOST_LINES);
      assertThat(said).as(what).doesNotContain(BAD_WORDS);
    } else {
      assertThat(result.exitCode()).as(what).isEqualTo(step.exitCode());
    }
  }

  private static String left() throws Exception {
    String script =
        "$J ps -A -a -q; $J volume ls -q; $J ls -a -q\n"
            + "$J network ls --format '{{.Name}}' | grep -vx bridge || :"; // which all share
    return stage.shell(root, script);
  }

  /** After a step that went wrong, for those that come after it. */
  private static void clear() throws Exception {
    if (!left().isEmpty()) {
      String script =
          "for p in $($J ls -a -q); do $J -p $p down -v -t 0 --remove-orphans; done\n"
              + "$J system prune -f --volumes; $J volume prune -a -f; $J network prune -f";
      stage.shell(root, script);
    }
  }
}
