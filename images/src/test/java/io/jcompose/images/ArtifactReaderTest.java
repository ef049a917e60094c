package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.registry.ArtifactReader;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.registry.RegistryConfig;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ArtifactReaderTest {
  private static final String TYPE = "application/vnd.docker.compose.project";
  private static final byte[] FILE = "services: {}".getBytes(StandardCharsets.UTF_8);

  @Test
  void readsAPublishedComposeProject() throws Exception {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      publish(registry);
      ArtifactReader.Artifact artifact = read(registry);
      assertThat(artifact.type()).isEqualTo(TYPE);
      assertThat(artifact.layers()).hasSize(1);
      ArtifactReader.Layer layer = artifact.layers().getFirst();
      assertThat(layer.mediaType()).isEqualTo("application/vnd.docker.compose.file+yaml");
      assertThat(layer.annotations()).containsEntry("com.docker.compose.file", "compose.yaml");
      assertThat(layer.content()).isEqualTo(FILE);
    }
  }

  @Test
  void refusesContentThatIsNotWhatItsDigestSays() throws Exception {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      publish(registry);
      registry.contents.replaceAll(
          (path, old) -> path.contains("/blobs/") ? new byte[] {'x'} : old);
      assertThatThrownBy(() -> read(registry))
          .isInstanceOf(JcomposeException.Corrupt.class)
          .hasMessageContaining("does not match its digest");
    }
  }

  @Test
  @Timeout(60)
  void readsLargeFilesThatALargeManifestNames() throws Exception {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      byte[] file = "#".repeat(200_000).getBytes(StandardCharsets.UTF_8);
      registry.contents.put("/v2/me/shop/blobs/" + FaultyRegistry.digest(file), file);
      String manifest =
          "{\"schemaVersion\":2,\"annotations\":{\"a\":\""
              + "x".repeat(200_000)
              + "\"},\"config\":"
              + FaultyRegistry.descriptor(TYPE, new byte[0])
              + ",\"layers\":["
              + FaultyRegistry.descriptor("text/plain", file)
              + "]}";
      registry.manifest("me/shop", "1", manifest.getBytes(StandardCharsets.UTF_8));
      assertThat(read(registry).layers().getFirst().content()).isEqualTo(file);
    }
  }

  @Test
  void tellsTheTypeOfAnImageWithoutItsLayers() throws Exception {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      registry.image("me/shop", "1", "amd64", new byte[] {1});
      assertThat(read(registry).type()).isEqualTo("application/vnd.oci.image.config.v1+json");
      assertThat(registry.count("/blobs/")).isZero();
    }
  }

  private static void publish(FaultyRegistry registry) throws Exception {
    String layer =
        FaultyRegistry.descriptor("application/vnd.docker.compose.file+yaml", FILE)
            .replace("}", ",\"annotations\":{\"com.docker.compose.file\":\"compose.yaml\"}}");
    byte[] empty = {'{', '}'};
    String manifest =
        "{\"schemaVersion\":2,\"artifactType\":\""
            + TYPE
            + "\",\"config\":"
            + FaultyRegistry.descriptor("application/vnd.oci.empty.v1+json", empty)
            + ",\"layers\":["
            + layer
            + "]}";
    registry.contents.put("/v2/me/shop/blobs/" + FaultyRegistry.digest(FILE), FILE);
    registry.manifest("me/shop", "1", manifest.getBytes(StandardCharsets.UTF_8));
  }

  private static ArtifactReader.Artifact read(FaultyRegistry registry) {
    try (RegistryClient client = new RegistryClient(RegistryConfig.defaults())) {
      return new ArtifactReader(client).read(ImageReference.parse(registry.host() + "/me/shop:1"));
    }
  }
}
