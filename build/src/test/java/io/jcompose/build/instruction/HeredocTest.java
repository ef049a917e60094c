package io.jcompose.build.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.build.dockerfile.Dockerfile;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeredocTest {
  @Test
  void stripsTabsWhereItIsAskedTo() {
    String content = "\ta\n\t\tb\tc\n  d\n";
    assertThat(new Heredoc("E", content, true, true, 0).text()).isEqualTo("a\nb\tc\n  d\n");
    assertThat(new Heredoc("E", content, true, false, 0).text()).isEqualTo(content);
  }

  @ParameterizedTest
  @CsvSource({
    "<<EOF, true",
    "<< EOF, true",
    "<<-'E F', true",
    "3<<EOF, true",
    "<<EOF cat, false",
    "cat <<EOF, false",
    "<<EOF > /x, false",
  })
  void knowsScripts(String line, boolean script) {
    String end = line.contains("E F") ? "E F" : "EOF";
    String file = "FROM a\nRUN " + line + "\nx\n" + end + "\n";
    Instruction run =
        Dockerfile.parse(file.getBytes(StandardCharsets.UTF_8), "f")
            .stages()
            .getFirst()
            .instructions()
            .getFirst();
    assertThat(((Run) run).isScript()).isEqualTo(script);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "EOF", "<EOF", "<<", "<<-", "<<a<b", "<<a b", "x<<EOF", "<<'a", "<<''"})
  void marksHaveAForm(String word) {
    assertThat(Heredoc.mark(word)).isNull();
  }
}
