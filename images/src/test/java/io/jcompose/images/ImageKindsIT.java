package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Digest;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images as old, foreign and careless tools make them. */
class ImageKindsIT extends StoreUnderTest {
  private static final String ARM = "s390x"; // whichever this machine is not
  private String here;
  private byte[] layer;

  @BeforeEach
  void publish() throws Exception {
    here = Platform.host().architecture();
    layer = tar("file", noise(1, 100));
  }

  private static String platform(String architecture) {
    return "{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/octet-stream",
        "application/json",
        "text/html",
        "",
        "application/vnd.docker.container.image.v1+json"
      })
  void takesAConfigByWhatItHolds(String type) throws Exception {
    registry.image("old", "1", here, type, layer);
    assertThat(pull("old:1").command()).containsExactly("sh");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "chart", "{\"rootfs\":{\"type\":\"x\"}}"})
  void refusesWhatIsNoImage(String config) throws Exception {
    byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
    registry.contents.put("/v2/chart/blobs/" + FaultyRegistry.digest(bytes), bytes);
    String manifest =
        "{\"schemaVersion\":2,\"config\":"
            + FaultyRegistry.descriptor("application/vnd.cncf.helm.config.v1+json", bytes)
            + ",\"layers\":[]}";
    registry.manifest("chart", "1", manifest.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> pull("chart:1"))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("artifact")
        .hasMessageContaining("helm");
  }

  @Test
  void findsThePlatformThatAnIndexDoesNotState() throws Exception {
    Map<Digest, String> entries = new LinkedHashMap<>();
    entries.put(registry.image("app", "x", ARM, layer), "");
    entries.put(registry.image("app", "y", here, layer), "");
    registry.index("app", "1", entries);
    assertThat(pull("app:1").platform()).contains(here);
  }

  @Test
  void followsIndexesInIndexes() throws Exception {
    Digest image = registry.image("app", "x", here, layer);
    Digest inner = registry.index("app", "in", Map.of(image, platform(here)));
    Map<Digest, String> entries = new LinkedHashMap<>();
    entries.put(registry.image("app", "y", ARM, layer), platform(ARM));
    entries.put(inner, "");
    registry.index("app", "1", entries);
    assertThat(pull("app:1").platform()).contains(here);
  }

  @Test
  void endsInIndexesThatNameMoreAndMore() throws Exception {
    Map<Digest, String> entries = new LinkedHashMap<>();
    for (int i = 0; i < 60; i++) {
      entries.put(registry.image("app", "x" + i, ARM, tar("f", noise(i, 10))), "");
    }
    registry.index("app", "1", entries);
    assertThatThrownBy(() -> pull("app:1")).isInstanceOf(JcomposeException.Corrupt.class);
    Digest deep = registry.image("app", "y", here, layer);
    for (int i = 0; i < 10; i++) {
      deep = registry.index("app", "deep", Map.of(deep, ""));
    }
    assertThatThrownBy(() -> pull("app:deep")).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void warnsOfAnImageForAnotherMachine() throws Exception {
    registry.image("app", "1", ARM, layer);
    List<String> told = new ArrayList<>();
    Progress listener = step -> told.add(step.status() + " " + step.text());
    ImageView image = store.pull(registry.host() + "/app:1", "", listener);
    assertThat(image.platform()).isEqualTo("linux/" + ARM);
    assertThat(told).anyMatch(text -> text.startsWith("Warning The requested image's platform"));
  }

  @Test
  void refusesAnotherPlatformThanTheOneThatWasAskedFor() throws Exception {
    registry.image("app", "1", here, layer);
    String name = registry.host() + "/app:1";
    assertThatThrownBy(() -> store.pull(name, "linux/" + ARM, Progress.NONE))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage(
            "image with reference %s was found but its platform (linux/%s) does not match the specified platform (linux/%s)"
                .formatted(name, here, ARM));
    assertThat(store.pull(name, "linux/" + here, Progress.NONE).platform()).contains(here);
    assertThat(store.find(name, "linux/" + ARM)).isEqualTo(Optional.empty());
  }

  @Test
  void saysThatTheKernelStacksNoMoreLayers() throws Exception {
    byte[][] layers = new byte[501][];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = tar("f" + i, new byte[0]);
    }
    registry.image("app", "1", here, layers);
    assertThatThrownBy(() -> pull("app:1"))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("501 different layers")
        .hasMessageContaining("500");
    assertThat(registry.count("GET /v2/app/blobs/")).isEqualTo(1);
  }

  @Test
  void takesThousandTimesTheSameLayer() throws Exception {
    byte[][] layers = new byte[1000][];
    Arrays.fill(layers, layer);
    registry.image("app", "1", here, layers);
    assertThat(store.layers(pull("app:1").id())).hasSize(1);
  }
}
