package io.jcompose.images.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @Test
  void readsWhatABuilderWrites() {
    String digest = "sha256:" + "0a".repeat(32);
    String text =
        """
        {"architecture": "arm", "variant": "v7", "os": "linux", "created": "2026-01-02T03:04:05Z",
         "rootfs": {"type": "layers", "diff_ids": ["%1$s", "%1$s"]},
         "config": {"Entrypoint": ["/init"], "Cmd": ["serve"], "Env": ["A=1"], "Shell": ["/bin/ash"],
          "WorkingDir": "/srv", "User": "joe", "StopSignal": "SIGINT",
          "ExposedPorts": {"80": {}, "53/udp": {}}, "Labels": {"a": "b"},
          "Healthcheck": {"Test": ["CMD", "probe"], "Interval": 1000000000, "Timeout": 2000000000,
           "StartPeriod": 3000000000, "StartInterval": 4000000000, "Retries": 5}}}
        """
            .formatted(digest);
    ImageConfig config = ImageConfig.of(text.getBytes(StandardCharsets.UTF_8));
    assertThat(config.diffIds()).containsExactly(Digest.parse(digest), Digest.parse(digest));
    assertThat(config.platform()).isEqualTo(new Platform("linux", "arm", "v7"));
    assertThat(config.createdAt()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(config.entrypoint()).containsExactly("/init");
    assertThat(config.command()).containsExactly("serve");
    assertThat(config.env()).containsExactly("A=1");
    assertThat(config.shell()).containsExactly("/bin/ash");
    assertThat(config.workingDir()).isEqualTo("/srv");
    assertThat(config.user()).isEqualTo("joe");
    assertThat(config.stopSignal()).isEqualTo("SIGINT");
    assertThat(config.ports()).containsExactly("53/udp", "80/tcp");
    assertThat(config.labels()).containsExactly(Map.entry("a", "b"));
    assertThat(config.health())
        .isEqualTo(
            new Health(
                List.of("CMD", "probe"),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                5));
  }

  @Test
  void whatIsNotSaidIsEmpty() {
    ImageConfig config = parse("\"Healthcheck\":{\"Test\":[\"NONE\"]},\"User\":7");
    assertThat(config.health()).isEqualTo(new Health(List.of("NONE"), null, null, null, null, 0));
    assertThat(config.user()).isEmpty();
    assertThat(config.createdAt()).isNull();
    assertThat(parse("").health()).isNull();
    assertThat(parse("\"Healthcheck\":{}").health()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"null", "yesterday", "0001-13-01T00:00:00Z"})
  void aTimeThatIsNoneIsNotKnown(String created) {
    String text = "{\"created\":\"" + created + "\",\"rootfs\":{\"diff_ids\":[]},\"config\":{}}";
    assertThat(ImageConfig.of(text.getBytes(StandardCharsets.UTF_8)).createdAt()).isNull();
  }

  /** A Helm chart's config is a chart, a signature's is empty. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000\u0001",
        "[1",
        "{\"name\": \"chart\"}",
        "{\"rootfs\": {\"type\": \"other\", \"diff_ids\": []}}"
      })
  void aConfigWithoutARootFileSystemIsAnArtifacts(String text) {
    assertThatThrownBy(() -> ImageConfig.of(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("this is an artifact, not a container image");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"rootfs\": {\"diff_ids\": [\"sha256:x\"]}}"})
  void aDamagedConfigIsCorrupt(String text) {
    assertThatThrownBy(() -> ImageConfig.of(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JcomposeException.Corrupt.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WorkingDir", "User", "StopSignal"})
  void limitsTheWordsThatStandAlone(String key) {
    assertThatThrownBy(() -> parse("\"" + key + "\":\"" + "x".repeat(300_000) + "\""))
        .isInstanceOf(JcomposeException.NotSupported.class);
  }
}
