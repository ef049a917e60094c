package io.jcompose.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "nginx, docker.io/library/nginx:latest, nginx:latest",
    "nginx:1.27, docker.io/library/nginx:1.27, nginx:1.27",
    "bitnami/redis, docker.io/bitnami/redis:latest, bitnami/redis:latest",
    "index.docker.io/nginx, docker.io/library/nginx:latest, nginx:latest",
    "localhost:5000, docker.io/library/localhost:5000, localhost:5000",
    "localhost/app, localhost/app:latest, localhost/app:latest",
    "127.0.0.1:5055/team/app:v1, 127.0.0.1:5055/team/app:v1, 127.0.0.1:5055/team/app:v1",
    "[::1]:5000/x, [::1]:5000/x:latest, [::1]:5000/x:latest",
    "ghcr.io/a/b__c-d.e, ghcr.io/a/b__c-d.e:latest, ghcr.io/a/b__c-d.e:latest",
  })
  void normalisesAsDockerDoes(String text, String full, String familiar) {
    ImageReference reference = ImageReference.parse(text);
    assertThat(reference).hasToString(full);
    assertThat(reference.familiar()).isEqualTo(familiar);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Nginx",
        "a//b",
        "nginx:",
        "nginx:-x",
        "a/b@sha256:12",
        "-a/b",
        "http://host/x",
        "a b"
      })
  void refusesWhatIsNoName(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "%s/x", "host.org/%s", "x@%s", "x:%s"})
  void refusesNamesOfAnyLengthInWords(String form) {
    assertThatThrownBy(() -> ImageReference.parse(form.formatted("a-".repeat(50_000) + "a")))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .message()
        .hasSizeLessThan(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x@sha256:", "x:1@sha256:"})
  void namesByDigestWhenGiven(String prefix) {
    ImageReference reference = ImageReference.parse(prefix + HEX);
    assertThat(reference.manifestReference()).isEqualTo("sha256:" + HEX);
  }
}
