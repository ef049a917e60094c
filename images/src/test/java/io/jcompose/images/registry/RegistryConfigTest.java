package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryConfigTest {
  private static final List<Path> OF_THE_MACHINE =
      List.of(Path.of("/etc/jcompose/certs.d"), Path.of("/etc/docker/certs.d"));

  @TempDir private Path folder;

  private RegistryConfig load(String json) throws IOException {
    return RegistryConfig.load(Files.writeString(folder.resolve("engine.json"), json));
  }

  @Test
  void withoutAFileTheMachinesOwnCount() throws IOException {
    for (RegistryConfig config :
        List.of(RegistryConfig.load(folder.resolve("none")), load(""), load("{}"))) {
      assertThat(config.mirrors()).isEmpty();
      assertThat(config.insecure()).isEmpty();
      assertThat(config.certificates()).isEqualTo(OF_THE_MACHINE);
      assertThat(config.dockerConfig()).isEqualTo(RegistryConfig.defaults().dockerConfig());
      assertThat(config.dockerConfig()).hasFileName("config.json");
    }
  }

  /** As in Docker's daemon.json, whose mirrors are the hub's. */
  @Test
  void aListOfMirrorsIsTheHubs() throws IOException {
    assertThat(load("{\"registry-mirrors\": [\"https://a.test/\", \"http://b.test:5000\"]}"))
        .extracting(RegistryConfig::mirrors)
        .isEqualTo(
            Map.of(
                "docker.io",
                List.of(URI.create("https://a.test"), URI.create("http://b.test:5000"))));
  }

  @Test
  void mirrorsMayBeNamedByRegistry() throws IOException {
    RegistryConfig config =
        load(
            "{\"registry-mirrors\": {\"quay.test\": \"http://m.test/q/\","
                + " \"docker.io\": [\"http://one.test\", \"http://two.test\"]}}");
    assertThat(config.mirrors().get("quay.test")).containsExactly(URI.create("http://m.test/q"));
    assertThat(config.mirrors().get("docker.io"))
        .containsExactly(URI.create("http://one.test"), URI.create("http://two.test"));
  }

  @Test
  void ownCertificatesComeFirst() throws IOException {
    RegistryConfig config =
        load(
            "{\"registry-certificates\": \"/srv/certs\", \"insecure-registries\":"
                + " [\"10.0.0.0/8\", \"r.test:5000\"]}");
    assertThat(config.certificates())
        .startsWith(Path.of("/srv/certs"))
        .endsWith(OF_THE_MACHINE.getLast());
    assertThat(config.insecure()).containsExactly("10.0.0.0/8", "r.test:5000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.test",
        "ftp://a.test",
        "http://",
        "http:///x",
        "https://joe:secret@a.test",
        "http://a b",
        "mailto:x@a.test"
      })
  void aMirrorIsAnHttpUrl(String url) {
    assertThatThrownBy(() -> load("{\"registry-mirrors\": [\"" + url + "\"]}"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("invalid registry mirror \"" + url + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "{", "nonsense"})
  void aFileThatIsNoObjectIsRefused(String json) {
    assertThatThrownBy(() -> load(json))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("engine.json");
  }

  @ParameterizedTest
  @CsvSource({
    "registry_mirrors, registry-mirrors",
    "mirrors, registry-mirrors",
    "insecure-registry, insecure-registries",
    "registry-certs, registry-certificates",
    "registry-ca, registry-certificates",
    "Registries, registry-mirrors"
  })
  void aKeyThatLooksLikeOneIsAskedAbout(String key, String meant) {
    assertThat(RegistryConfig.meant(key)).contains(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry-mirrors",
        "insecure-registries",
        "registry-certificates",
        "log-level",
        "runtimes"
      })
  void otherKeysAreNot(String key) {
    assertThat(RegistryConfig.meant(key)).isEmpty();
  }
}
