package io.jcompose.compose.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.Problem;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountSyntaxTest {
  private static final SourcePosition HERE = new SourcePosition("f", 1, 1);

  private final Problems problems = new Problems();

  private Node mount(String text) {
    return new MountSyntax(problems)
        .mount(new Scalar(text, HERE), new MapNode(HERE), "services.a.volumes");
  }

  /** All of it in one line, sorted by key. */
  private static String shown(MapNode map) {
    Map<String, String> all = new TreeMap<>();
    map.entries.forEach(
        (key, value) ->
            all.put(key, value instanceof MapNode inner ? shown(inner) : ((Scalar) value).text()));
    return all.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/data | {target=/data, type=volume, volume={}}",
        "/data/ | {target=/data, type=volume, volume={}}",
        "/d | {target=/d, type=volume}",
        "/de | {target=/de, type=volume, volume={}}",
        "v:/data | {source=v, target=/data, type=volume, volume={}}",
        "./v:/data/ | {bind={create_host_path=true}, source=./v, target=/data, type=bind}",
        "/v:/data | {bind={create_host_path=true}, source=/v, target=/data, type=bind}",
        "~/v:/data | {bind={create_host_path=true}, source=~/v, target=/data, type=bind}",
        "v:/data:ro | {read_only=true, source=v, target=/data, type=volume, volume={}}",
        "v:/data:rw | {source=v, target=/data, type=volume, volume={}}",
        "v:/data:nocopy | {source=v, target=/data, type=volume, volume={nocopy=true}}",
        "v:/data:z | {bind={selinux=z}, source=v, target=/data, type=volume, volume={}}",
        "v:/data:ro,Z | {bind={selinux=Z}, read_only=true, source=v, target=/data, type=volume, volume={}}",
        "/v:/d:rslave | {bind={create_host_path=true, propagation=rslave}, source=/v, target=/d, type=bind}",
        "/v:/d:nocopy | {bind={create_host_path=true}, source=/v, target=/d, type=bind, volume={nocopy=true}}",
        "/v:/d:cached,delegated,consistent | {bind={create_host_path=true}, source=/v, target=/d, type=bind}",
        "C:\\v:/d | {bind={create_host_path=true}, source=C:\\v, target=/d, type=bind}",
        "c:/v:/d | {bind={create_host_path=true}, source=c:/v, target=/d, type=bind}",
        "\\\\srv:/d | {bind={create_host_path=true}, source=\\\\srv, target=/d, type=bind}",
        "v:/d | {source=v, target=/d, type=volume, volume={}}",
        "${A:-b}:/d | {source=${A:-b}, target=/d, type=volume, volume={}}",
        "v:${A:-${B:-/c}}:ro | {read_only=true, source=v, target=${A:-${B:-/c}}, type=volume, volume={}}"
      })
  void aMountIsWrittenOut(String text, String expected) {
    assertThat(mount(text)).isInstanceOf(MapNode.class);
    assertThat(shown((MapNode) mount(text))).isEqualTo(expected);
    problems.check();
    assertThat(problems.warnings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'invalid spec: : empty section between colons'",
    "v:, 'invalid spec: v:: empty section between colons'",
    ":/d, 'invalid spec: :/d: empty section between colons'",
    "v:/d:, 'invalid spec: v:/d:: empty section between colons'",
    "v:/d:ro:x, 'invalid spec: v:/d:ro:x: too many colons'"
  })
  void whatIsNoMountIsRefused(String text, String problem) {
    assertThat(mount(text)).isNull();
    assertThatThrownBy(problems::check).hasMessageContaining("services.a.volumes: " + problem);
  }

  @Test
  void anUnknownOptionIsIgnoredWithAWarning() {
    assertThat(shown((MapNode) mount("v:/d:r0"))).isEqualTo(shown((MapNode) mount("v:/d")));
    problems.check();
    assertThat(problems.warnings())
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .startsWith("unknown volume option r0 is ignored");
    assertThat(mount("v:/d:${A}")).isNotNull();
    assertThat(problems.warnings()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "/a/../b, /b",
    "/../a, /a",
    "/, /",
    "//a//b/, /a/b",
    "./a, a",
    ".., ..",
    "../../a, ../../a",
    "a/../.., ..",
    "a/.., .",
    "., .",
    "C:\\a\\..\\b, C:\\a\\..\\b",
    "'', ''"
  })
  void aPathIsCleanedAsGoDoes(String path, String expected) {
    assertThat(MountSyntax.clean(path)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "./v", "/v", "~", "\\v", "C:\\v", "c:/"})
  void aSourceMayBeAPath(String source) {
    assertThat(MountSyntax.isPath(source)).isTrue();
    assertThat(MountSyntax.isPath("v" + source.replace(":", ""))).isFalse();
    assertThat(MountSyntax.isPath("c:")).isFalse();
  }
}
