package io.jcompose.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.build.Cases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Dockerfiles say, or have wrong: {@code cases/dockerfile-*}. */
class DockerfileTest {
  static List<Cases> cases() throws IOException {
    return Cases.of("dockerfile-");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsOrRefuses(Cases each) {
    assertThat(result(each.input())).isEqualTo(each.expected());
  }

  static String result(String input) {
    try {
      return Dump.of(Dockerfile.parse(input.getBytes(StandardCharsets.UTF_8), "Dockerfile"));
    } catch (DockerfileException e) {
      return e.getMessage();
    }
  }
}
