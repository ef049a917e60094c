package io.jcompose.images.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DescriptorTest {
  /** It is kept with each image for as long as that is there. */
  @Test
  void aMediaTypeOfAnyLengthCountsAsNone() {
    assertThat(type("application/vnd.oci.image.manifest.v1+json"))
        .isEqualTo("application/vnd.oci.image.manifest.v1+json");
    assertThat(type("x".repeat(1_000_000))).isEmpty();
  }

  private static String type(String text) {
    String json =
        "{\"mediaType\":\"" + text + "\",\"digest\":\"sha256:" + "a".repeat(64) + "\",\"size\":1}";
    byte[] document = json.getBytes(StandardCharsets.UTF_8);
    return Descriptor.of(Json.foreign(document, "descriptor")).mediaType();
  }
}
