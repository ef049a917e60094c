package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.config.YamlText;
import io.jcompose.compose.source.Dotenv;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Template;
import io.jcompose.compose.tree.YamlReader;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Texts of any kind are read or refused; none crashes or hangs a parser. */
class TextPropertiesTest {
  @Provide
  Arbitrary<String> nasty() {
    return Arbitraries.strings()
        .withChars("${}:-+?aA_1 \n\"'\\=#/.[]&*!|>,é\u0000")
        .ofMaxLength(60);
  }

  @Property(tries = 2000)
  void dotenvReadsOrRefuses(@ForAll("nasty") String text) {
    try {
      assertThat(Dotenv.parse(text)).isNotNull();
    } catch (Dotenv.Invalid e) {
      assertThat(e.line()).isPositive();
    }
  }

  @Property(tries = 2000)
  void singleQuotedValuesAreLiteral(@ForAll("nasty") String text) throws Dotenv.Invalid {
    String value = text.replace("'", "").replace("\\", "").replace("\r", "");
    assertThat(Dotenv.parse("K='" + value + "'")).containsEntry("K", value);
  }

  @Property(tries = 2000)
  void templateSubstitutesOrRefuses(@ForAll("nasty") String text) {
    try {
      assertThat(new Template(Map.of("a", "1"), name -> {}).substitute(text)).isNotNull();
    } catch (Template.Invalid e) {
      assertThat(e).hasMessageContaining("a");
    }
  }

  @Property(tries = 2000)
  void doubledDollarsAreLiteral(@ForAll("nasty") String text) throws Template.Invalid {
    assertThat(new Template(Map.of(), name -> {}).substitute(text.replace("$", "$$")))
        .isEqualTo(text);
  }

  @Property(tries = 2000)
  void yamlTextReadsBack(@ForAll("nasty") String text) {
    Problems problems = new Problems();
    String value = text.replace("\0", ""); // refused in files
    List<Node> back = YamlReader.read("f", YamlText.of(Map.of("k", value)), problems);
    problems.check();
    assertThat(((Node.MapNode) back.getFirst()).text("k")).isEqualTo(value);
  }

  @Property(tries = 500)
  void shortFormsAreReadOrRefused(@ForAll("nasty") String text) {
    String quoted =
        "\""
            + text.replace("\\", "")
                .replace("\"", "")
                .replace("\n", "")
                .replace("\u0000", "")
                .replace("$", "$$")
            + "\"";
    String yaml =
        "services: {a: {image: x, ports: [%1$s], volumes: [%1$s], devices: [%1$s], extra_hosts: [%1$s], mem_limit: %1$s, restart: %1$s, stop_grace_period: %1$s, command: %1$s, links: [%1$s]}}"
            .formatted(quoted);
    LoadRequest request =
        LoadRequest.of(Path.of("/tmp"), Map.of("COMPOSE_DISABLE_ENV_FILE", "1"))
            .with()
            .files(List.of("-"))
            .stdin(yaml)
            .projectName("p")
            .build();
    try {
      assertThat(new ProjectLoader().load(request).services()).hasSize(1);
    } catch (JcomposeException.InvalidArgument e) {
      assertThat(e).hasMessageContaining("services.a");
    }
  }

  @Example
  void dotenvRules() throws Dotenv.Invalid {
    assertThat(
            Dotenv.parse(
                "A=1 # c\nexport B=\"x\\ty\"\nC: '$A'\nD=$A$B\n\n#E=1\nF=\nG=a#b\nH=\"l1\nl2\""))
        .containsEntry("A", "1")
        .containsEntry("B", "x\ty")
        .containsEntry("C", "$A")
        .containsEntry("D", "1x\ty")
        .containsEntry("F", "")
        .containsEntry("G", "a#b")
        .containsEntry("H", "l1\nl2")
        .doesNotContainKey("E");
    assertThatThrownBy(() -> Dotenv.parse("A=1\nB=\"x"))
        .hasMessageContaining("unterminated quoted value");
  }
}
