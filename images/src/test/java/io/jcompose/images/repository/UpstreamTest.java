package io.jcompose.images.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {
  @ParameterizedTest
  @CsvSource({
    "docker.io, docker.io, docker.io",
    "index.docker.io, docker.io, docker.io",
    "registry-1.docker.io, docker.io, docker.io",
    "QUAY.io, quay.io, quay.io",
    "registry.lan:5000, registry.lan:5000, registry.lan_5000",
    "localhost, localhost, localhost",
    "127.0.0.1:5001, 127.0.0.1:5001, 127.0.0.1_5001",
  })
  void hasANameInPaths(String text, String host, String prefix) {
    Upstream upstream = new Upstream(text);
    assertThat(upstream.host()).isEqualTo(host);
    assertThat(upstream.prefix()).isEqualTo(prefix);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "registry",
        "https://quay.io",
        "quay.io/team",
        "a..b",
        "-a.b",
        "a.b:",
        "a.b:123456",
        "[::1]:5000",
        "a_b.c",
        "a.b@c",
        "a.b:5000:1",
        "..",
        "a.b "
      })
  void refusesWhatIsNoHost(String text) {
    assertThatThrownBy(() -> new Upstream(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("invalid name of a registry");
  }

  @Test
  void officialImagesHaveTheirPart() {
    UpstreamName name = UpstreamName.of(new Upstream("docker.io"), "nginx");
    assertThat(name.name()).hasToString("docker.io/library/nginx");
    assertThat(name.path()).isEqualTo("library/nginx");
    assertThat(name.image(new ManifestReference.Tag("1"))).hasToString("docker.io/library/nginx:1");
    assertThat(UpstreamName.of(new Upstream("quay.io"), "nginx").name())
        .hasToString("quay.io/nginx");
  }
}
