package io.jcompose.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

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

  @Test
  void isBounded() {
    String words = "\"x\",".repeat(1000) + "\"" + "y".repeat(5000) + "\"";
    assertThat(line("rm", "{\"arguments\": [" + words + "]}")).hasSizeLessThan(200);
    assertThat(line("rm", "{\"arguments\": [\"" + "y".repeat(5000) + "\"]}")).hasSizeLessThan(300);
  }
}
