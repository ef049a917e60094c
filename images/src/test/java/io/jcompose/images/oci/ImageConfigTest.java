package io.jcompose.images.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageConfigTest {
  private static ImageConfig parse(String config) {
    String text = "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"config\":{" + config + "}}";
    return ImageConfig.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String members(int count, String rest) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"/v" + i + "\":" + rest)
        .collect(Collectors.joining(","));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Cmd", "Entrypoint", "Env", "Shell"})
  void limitsTheWordsThatEachContainerKeeps(String key) {
    String word = "\"" + "x".repeat(100_000) + "\"";
    assertThat(parse("\"" + key + "\":[" + word + "," + word + "]")).isNotNull();
    assertThatThrownBy(() -> parse("\"" + key + "\":[" + word + "," + word + "," + word + "]"))
        .isInstanceOf(JcomposeException.NotSupported.class);
    assertThatThrownBy(() -> parse("\"" + key + "\":[" + "\"\",".repeat(30_000) + "\"\"]"))
        .isInstanceOf(JcomposeException.NotSupported.class);
  }

  @Test
  void limitsAProbesWords() {
    String test = "\"Healthcheck\":{\"Test\":[\"CMD\",\"" + "x".repeat(300_000) + "\"]}";
    assertThatThrownBy(() -> parse(test)).isInstanceOf(JcomposeException.NotSupported.class);
  }

  @Test
  void limitsTheVolumesOfEachContainer() {
    assertThat(parse("\"Volumes\":{" + members(200, "{}") + "}").volumes()).hasSize(200);
    assertThatThrownBy(() -> parse("\"Volumes\":{" + members(300, "{}") + "}"))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("300 volumes");
  }

  /** A TURN server's image: {@code EXPOSE 49152-65535/udp}. */
  @Test
  void takesThousandsOfPorts() {
    assertThat(parse("\"ExposedPorts\":{" + members(16_386, "{}") + "}").ports()).hasSize(16_386);
  }

  @Test
  void cleansTheVolumes() {
    String volumes =
        "\"/data/\":{},\"/data\":{},\"//z//y\":{},\"a/../b\":{},\"/\":{},\"\":{},\"..\":{}";
    assertThat(parse("\"Volumes\":{" + volumes + "}").volumes())
        .containsExactly("/b", "/data", "/z/y");
  }

  @Test
  void keepsTheFirstOfManyLabels() {
    String value = "\"" + "x".repeat(1000) + "\"";
    ImageConfig config = parse("\"Labels\":{" + members(1000, value) + "},\"Cmd\":[\"sh\"]");
    assertThat(config.labels()).hasSizeBetween(400, 600).containsKey("/v0");
    assertThat(config.command()).containsExactly("sh");
  }
}
