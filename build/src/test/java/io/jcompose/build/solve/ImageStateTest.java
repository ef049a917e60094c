package io.jcompose.build.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.BuildLayers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a base image's configuration may be, which anybody can write. */
class ImageStateTest {
  private static ImageState of(String config) {
    return ImageState.of(new BuildLayers.Base("base", List.of(), config), Budget.ofHeap());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "1",
        "{\"config\":[]}",
        "{\"config\":\"x\"}",
        "{\"rootfs\":[]}",
        "{\"rootfs\":{\"diff_ids\":{}}}",
        "{\"history\":{}}",
        "{\"history\":[1]}",
        "{\"history\":[{},null]}",
        "{"
      })
  void anotherShapeIsDamage(String config) {
    assertThatThrownBy(() -> of(config))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("the configuration of base is damaged");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"config\":null,\"rootfs\":null,\"history\":null}",
        "{\"history\":[{\"created\":\"never\"},{\"created\":7},{}]}"
      })
  void whatIsMissingOrUnreadableIsNoMatter(String config) {
    ImageState image = of(config);
    image.recorded("ENV A=b");
    image.asOf(Instant.ofEpochSecond(7));
    assertThat(new String(image.document(), StandardCharsets.UTF_8))
        .contains("\"created\":\"1970-01-01T00:00:07Z\"")
        .doesNotContain("never");
  }

  @Test
  void whatIsOlderKeepsItsTime() {
    ImageState image = of("{\"history\":[{\"created\":\"1969-01-01T00:00:00Z\"}]}");
    image.asOf(Instant.EPOCH);
    assertThat(new String(image.document(), StandardCharsets.UTF_8)).contains("1969-01-01");
  }
}
