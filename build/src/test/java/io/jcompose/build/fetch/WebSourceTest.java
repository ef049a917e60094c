package io.jcompose.build.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSourceTest {
  @ParameterizedTest
  @CsvSource({
    "https://host/a/b.tar.gz, b.tar.gz",
    "https://host/a/b?c=d/e#f/g, b",
    "https://host/a/, a",
    "https://host/a%20b+c, a b+c",
    "https://host/x%2Fy, y",
    "https://host, __unnamed__",
    "https://host/, __unnamed__",
    "https://host/?q=/x, __unnamed__",
    "https://host/a/.., __unnamed__",
    "https://host/%2e%2e, __unnamed__",
    "https://host/a%00, __unnamed__",
    "https://host/a%zz, __unnamed__"
  })
  void theLastPartOfThePathIsTheName(String url, String name) {
    assertThat(new WebSource(url).name()).isEqualTo(name);
  }
}
