package io.jcompose.cli.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.List;
import java.util.Map;
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

  @Test
  void theImageIsPackedAndAnnotatedAsIsSaid() {
    BuildOutput pushed =
        BuildOutput.parse(
            "type=registry,compression=zstd,compression-level=19,force-compression=1,"
                + "annotation.a.b=c,annotation-manifest.d=e,rewrite-timestamp=true");
    BuildOutput written = BuildOutput.parse("type=oci,dest=a,tar=false,annotation.a.b=c");
    assertThat(written.isTar()).isFalse();
    Map<String, Object> request = BuildOutput.request(List.of(pushed, written));
    assertThat(request.get("packing"))
        .isEqualTo(
            Map.of("compression", "zstd", "compression-level", "19", "force-compression", "true"));
    assertThat(request.get("outputAnnotations")).isEqualTo(Map.of("a.b", "c", "d", "e"));
    assertThat(request.get("rewriteTimestamp")).isEqualTo(true);
    BuildOutput other = BuildOutput.parse("type=image,annotation.a.b=x");
    assertThatThrownBy(() -> BuildOutput.request(List.of(pushed, other)))
        .hasMessageContaining("one value of the annotation a.b");
    assertThatThrownBy(
            () -> BuildOutput.request(List.of(pushed, BuildOutput.parse("type=registry"))))
        .hasMessageContaining("in one way at a time");
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
        "type=oci,dest=a,compression=bzip2 | it is gzip, zstd or uncompressed",
        "type=oci,dest=a,compression-level=10 | of gzip it is 0 to 9",
        "type=oci,dest=a,compression=zstd,compression-level=x | it is a number",
        "type=oci,dest=a,compression=zstd,oci-mediatypes=false | no media type of Docker",
        "type=oci,dest=a,compression=uncompressed,compression-level=0 | what is uncompressed has none",
        "type=oci,dest=a,unpack=true   | unpack is not carried out",
        "type=oci,dest=a,annotation-index.a=b | annotation-index.a is not carried out",
        "type=image,compression=zstd   | is of what is pushed or written",
        "type=docker,force-compression=1 | is of what is pushed or written",
        "type=local,dest=a,rewrite-timestamp=true | files have no layers",
        "type=tar,dest=a,compression=gzip | files have no layers",
        "type=tar,dest=a,tar=false     | tar=false is for oci",
        "type=oci,tar=false            | tar=false is for oci",
        "type=local,out                | write type=TYPE",
        "'type=tar,\"dest=a'           | write type=TYPE",
      })
  void whatCannotBeMeantIsRefused(String text, String message) {
    assertThatThrownBy(() -> BuildOutput.parse(text))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining(message);
  }
}
