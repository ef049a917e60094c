package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.FirstPath.Part;
import io.jcompose.samples.FirstPath.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of docs/first-paths.md are what {@link FirstPathsIT} does, word for word. */
class FirstPathsTest {
  private static final Map<String, String> REASONS =
      Map.of(
          "builds", "there is no `buildx`",
          "network", "a network of that name must be there first",
          "socket", "there is no Docker API yet",
          "swarm", "there is no swarm",
          "volumes_from", "`volumes_from` is not carried out");

  @Test
  void thePageTellsWhatIsTried() throws IOException {
    StringBuilder tables = new StringBuilder(summary());
    for (FirstPath path : FirstPath.all()) {
      tables.append('\n').append(table(path));
    }
    String page = Files.readString(Stage.HOME.resolve("docs/first-paths.md"));
    Path wanted = Path.of("target/first-paths.md");
    Files.writeString(wanted, tables);
    assertThat(page).as("its end is as in " + wanted.toAbsolutePath()).endsWith(tables);
  }

  @Test
  void eachPathIsOfItsOwnKind() throws IOException {
    assertThat(FirstPath.all())
        .hasSize(13)
        .allSatisfy(path -> assertThat(path.about()).isNotEmpty());
    assertThat(FirstPath.all().stream().flatMap(path -> path.steps().stream()))
        .allSatisfy(
            step ->
                assertThat(step.works() || REASONS.containsKey(step.refused()))
                    .as(step.refused())
                    .isTrue());
  }

  private static String summary() throws IOException {
    StringBuilder rows = new StringBuilder("| kind | first path | after it |\n|---|---|---|\n");
    for (FirstPath path : FirstPath.all()) {
      rows.append("| [`%s`](#%s) | ".formatted(path.name(), path.name()));
      rows.append(first(path)).append(" | ").append(rest(path)).append(" |\n");
    }
    return rows.toString();
  }

  private static String first(FirstPath path) {
    List<Step> steps = path.steps(Part.FIRST);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (!step.works()) {
        return "stops at step %d, `%s`, because %s"
            .formatted(i + 1, cell(step.command()), REASONS.get(step.refused()));
      }
    }
    return "works, " + count(steps.size());
  }

  private static String rest(FirstPath path) {
    List<Step> round = path.steps(Part.WAY_ROUND);
    List<Step> besides = path.steps(Part.BESIDES);
    TreeSet<String> refused =
        path.steps().stream()
            .filter(step -> step.part() != Part.FIRST && !step.works())
            .map(step -> Objects.requireNonNull(REASONS.get(step.refused())))
            .collect(Collectors.toCollection(TreeSet::new));
    long work = round.stream().filter(Step::works).count();
    String way = round.isEmpty() ? "" : "the way round works, " + count(work);
    String words = refused.isEmpty() ? "" : "refused: " + String.join("; ", refused);
    boolean all = !besides.isEmpty() && besides.stream().allMatch(Step::works);
    String more = all ? "the rest works" : "";
    return List.of(way, more, words).stream()
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private static String count(long steps) {
    return steps + (steps == 1 ? " step" : " steps");
  }

  private static String table(FirstPath path) {
    StringBuilder rows = new StringBuilder("## %s\n%s\n\n".formatted(path.name(), path.about()));
    rows.append("| | step | |\n|--:|---|---|\n");
    Part part = Part.FIRST;
    for (int i = 0; i < path.steps().size(); i++) {
      Step step = path.steps().get(i);
      if (step.part() != part) {
        part = step.part();
        rows.append("| | *%s* | |\n".formatted(part == Part.BESIDES ? "besides" : "way round"));
      }
      rows.append("| %d | `%s` | %s |\n".formatted(i + 1, cell(step.command()), outcome(step)));
    }
    return rows.toString();
  }

  private static String outcome(Step step) {
    if (step.works()) {
      return step.exitCode() == 0 ? "works" : "exit code " + step.exitCode() + ", as it must";
    }
    return "refused: " + REASONS.get(step.refused());
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
