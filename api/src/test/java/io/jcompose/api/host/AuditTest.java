package io.jcompose.api.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.api.request.CommandRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditTest {
  private static String line(String name, String json) {
    return Audit.line("alice", name, CommandRequest.parse(json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void tellsWhoAskedForWhat() {
    assertThat(
            line(
                "stop",
                "{\"cwd\": \"/srv/shop\", \"projectName\": \"shop\", \"arguments\": [\"web\", \"db\"]}"))
        .isEqualTo("user=alice request=stop project=shop in=/srv/shop arguments=[web db]");
    assertThat(line("engine/stop", "{}")).isEqualTo("user=alice request=engine/stop");
  }

  @Test
  void neverTellsAProgramsWordsOptionsOrEnvironment() {
    String line =
        line(
            "exec",
            "{\"arguments\": [\"db\", \"psql\", \"--password=hunter2\"],"
                + " \"options\": {\"env\": [\"TOKEN=hunter2\"]}, \"env\": {\"T\": \"hunter2\"}}");
    assertThat(line).isEqualTo("user=alice request=exec arguments=[db psql …]");
  }

  @Test
  void aNameCannotForgeALineOrAMember() {
    String line =
        line("rm", "{\"arguments\": [\"a\\n2026 INFO audit: user=root\", \"b request=down\"]}");
    assertThat(line)
        .isEqualTo(
            "user=alice request=rm arguments=[\"a\\n2026 INFO audit: user=root\" \"b request=down\"]");
  }

  @ParameterizedTest
  @CsvSource({
    "ps, true",
    "rm/candidates, true",
    "volume/prune/candidates, true",
    "registries, true",
    "rm, false",
    "volume/prune, false",
    "exec, false",
    "login, false",
    "nobody/knows, false"
  })
  void tellsOnlyWhatMayChangeSomething(String name, boolean onlyLooks) {
    assertThat(Audit.onlyLooks(name)).isEqualTo(onlyLooks);
  }

  @Test
  void isBounded() {
    String words = "\"x\",".repeat(1000) + "\"" + "y".repeat(5000) + "\"";
    assertThat(line("rm", "{\"arguments\": [" + words + "]}")).hasSizeLessThan(200);
    assertThat(line("rm", "{\"arguments\": [\"" + "y".repeat(5000) + "\"]}")).hasSizeLessThan(300);
  }
}
