package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writesAndReadsJson() {
    String text = new Json().value(Map.of("a", "q\"\\\n\u00e9\ud83d\ude00")).toString();
    assertThat(FlatJson.parse(text)).isEqualTo(Map.of("a", "q\"\\\n\u00e9\ud83d\ude00"));
    assertThat(FlatJson.parse("{\"n\":12, \"b\":true,\"s\":\"x\\u0041\"}"))
        .isEqualTo(Map.of("n", "12", "b", "true", "s", "xA"));
    assertThatThrownBy(() -> FlatJson.parse("{\"a\":"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FlatJson.parse("[]")).isInstanceOf(IllegalArgumentException.class);
  }
}
