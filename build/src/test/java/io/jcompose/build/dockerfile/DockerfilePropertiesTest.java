package io.jcompose.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Onbuild;
import io.jcompose.build.instruction.Run;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfilePropertiesTest {
  private static final long MOST_CPU_NANOS = 4_000_000_000L;

  @Provide
  Arbitrary<String> files() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "FROM a",
            "FROM a AS b",
            "RUN ",
            "COPY ",
            "ADD ",
            "ENV ",
            "ARG ",
            "LABEL ",
            "CMD ",
            "ONBUILD ",
            "HEALTHCHECK ",
            "EXPOSE ",
            "VOLUME ",
            "SHELL ",
            "USER ",
            "--mount=",
            "--from=",
            "--link ",
            "type=cache",
            ",target=/x",
            "<<EOF",
            "<<-'E'",
            "EOF",
            "E",
            "[\"",
            "\"]",
            "\", \"",
            "\\\n",
            "\\",
            "`",
            "\n",
            "\n",
            "\n",
            "\r\n",
            "#",
            "# escape=`",
            "# check=",
            "a=b",
            "\"",
            "'",
            "$a",
            "${a:-",
            "}",
            " ",
            "\t",
            "x",
            "é",
            "\u0000",
            "--",
            "CMD a",
            "NONE",
            ",",
            "=");
    return parts.list().ofMaxSize(40).map(list -> String.join("", list));
  }

  @Property(tries = 3000)
  void readsOrRefuses(@ForAll @From("files") String text) {
    Dockerfile file;
    try {
      file = Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8), "Dockerfile");
    } catch (DockerfileException e) {
      assertThat(e.problems()).isNotEmpty();
      assertThat(e.toError(text.lines().toList())).hasMessageContaining("Dockerfile:");
      return;
    }
    assertThat(file.stages()).isNotEmpty();
    for (Stage stage : file.stages()) {
      stage.instructions().forEach(each -> checkPlace(each, file));
    }
  }

  private static void checkPlace(Instruction each, Dockerfile file) {
    assertThat(each.place().line()).isBetween(1, file.lines().size());
    assertThat(each.place().endLine()).isBetween(each.place().line(), file.lines().size());
    String line = file.lines().get(each.place().line() - 1);
    assertThat(line.substring(each.place().column() - 1))
        .startsWith(each.text().isEmpty() ? "" : each.text().substring(0, 1));
  }

  @Property
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    try {
      Dockerfile.parse(bytes, "Dockerfile");
    } catch (DockerfileException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  /** A trigger that an image keeps is the instruction that it was in the file. */
  @Property
  void triggersReadBack(@ForAll @From("files") String text) {
    Dockerfile file;
    try {
      file = Dockerfile.parse(("FROM a\n" + text).getBytes(StandardCharsets.UTF_8), "f");
    } catch (DockerfileException e) {
      return;
    }
    for (Instruction each : file.stages().getFirst().instructions()) {
      if (each instanceof Onbuild onbuild && file.directives().escape() == '\\') {
        assertThat(Dockerfile.parseTrigger(onbuild.trigger(), "trigger")).isNotNull();
      }
    }
  }

  /** Sizes near the bound, of what other parsers take the square of. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUN a \\\n",
        "RUN a \\\n\n",
        "# comment\n",
        "\\\n",
        "RUN <<A <<A <<A\nA\nA\nA\n",
        "ENV a=\"b\\\n",
        "COPY --exclude=a ",
        "RUN [\"a\", ",
        "RUN ${a:-",
        "<<a ",
        "[[",
        "FROM a\n",
        "--",
        "a,",
        "'\"",
        "{\"syntax\":",
      })
  void takesTimeInProportionToItsSize(String part) {
    String head =
        part.startsWith("<<")
            ? "FROM a\nRUN "
            : part.equals("a,") ? "FROM a\nRUN --mount=" : "FROM a\n";
    byte[] bytes = (head + part.repeat(4_000_000 / part.length())).getBytes(StandardCharsets.UTF_8);
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    try {
      Dockerfile.parse(bytes, "Dockerfile");
    } catch (DockerfileException e) {
      assertThat(e.problems()).hasSizeLessThanOrEqualTo(100);
    }
    long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    assertThat(spent).isLessThan(MOST_CPU_NANOS);
  }

  @Test
  void refusesWhatIsTooLarge() {
    try {
      Dockerfile.parse(new byte[(4 << 20) + 1], "Dockerfile");
    } catch (DockerfileException e) {
      assertThat(e).hasMessageContaining("more than 4194304");
      return;
    }
    throw new AssertionError("it was read");
  }

  @Test
  void readsTriggers() {
    Instruction trigger = Dockerfile.parseTrigger("RUN <<EOF\na\nEOF", "ONBUILD of x");
    assertThat(((Run) trigger).heredocs().getFirst().content()).isEqualTo("a\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "FROM a", "RUN a\nRUN b", "FOO", "# RUN a"})
  void refusesTriggersThatAreNone(String trigger) {
    DockerfileException thrown = null;
    try {
      Dockerfile.parseTrigger(trigger, "ONBUILD of x");
    } catch (DockerfileException e) {
      thrown = e;
    }
    assertThat(thrown).isNotNull().hasMessageStartingWith("ONBUILD of x:1:1: ");
  }

  @Test
  void showsLinesBelowProblems() {
    List<String> lines = List.of("FROM a", "  RUM b");
    try {
      Dockerfile.parse(String.join("\n", lines).getBytes(StandardCharsets.UTF_8), "app/Dockerfile");
    } catch (DockerfileException e) {
      assertThat(e.toError(lines))
          .hasMessage(
              "app/Dockerfile:2:3: unknown instruction: RUM (did you mean RUN?)\n      RUM b");
      return;
    }
    throw new AssertionError("it was read");
  }
}
