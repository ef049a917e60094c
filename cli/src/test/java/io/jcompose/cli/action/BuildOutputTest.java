package io.jcompose.cli.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code --output} says. */
class BuildOutputTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "out                           | local    | out  | false",
        "../x y                        | local    | ../x y | false",
        "-                             | tar      |      | false",
        "type=local,dest=out           | local    | out  | false",
        "'type=local,\"dest=a,b\"'     | local    | a,b  | false",
        "type=tar,dest=-               | tar      | -    | false",
        "type=tar                      | tar      |      | false",
        "type=oci,dest=x.tar           | oci      | x.tar | false",
        "type=docker                   | docker   |      | false",
        "type=registry                 | registry |      | true",
        "type=image,push=true          | image    |      | true",
        "type=image,push=false         | image    |      | false",
        "'type = no'                   | -        |      | -",
      })
  void means(String text, String type, String dest, String push) {
    if (type.equals("-")) {
      assertThatThrownBy(() -> BuildOutput.parse(text)).isInstanceOf(CommandFailure.class);
      return;
    }
    BuildOutput output = BuildOutput.parse(text);
    assertThat(output.type()).isEqualTo(type);
    assertThat(output.dest()).isEqualTo(dest == null ? "" : dest);
    assertThat(output.isPushed()).isEqualTo(Boolean.parseBoolean(push));
  }

  @Test
  void namesAreGivenBesides() {
    assertThat(BuildOutput.parse("type=image,\"name=a:1,b:2\",push=true").names())
        .isEqualTo(List.of("a:1", "b:2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type=zip,dest=a               | there is no such type",
        "dest=a                        | type is required",
        "type=local                    | dest is required",
        "type=local,dest=a,push=true   | are not pushed",
        "type=tar,dest=a,name=b        | have no name",
        "type=registry,dest=a          | takes no dest",
        "type=image,push=maybe         | true or false",
        "type=oci,dest=a,compression=zstd | compression is not carried out",
        "type=local,out                | write type=TYPE",
        "'type=tar,\"dest=a'           | write type=TYPE",
      })
  void whatCannotBeMeantIsRefused(String text, String message) {
    assertThatThrownBy(() -> BuildOutput.parse(text))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining(message);
  }
}
