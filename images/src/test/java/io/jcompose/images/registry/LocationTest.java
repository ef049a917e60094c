package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocationTest {
  @ParameterizedTest
  @CsvSource({
    "http://minio_1:9000/a, minio_1, 9000",
    "https://bucket_x.s3.amazonaws.com/a?b=c|d, bucket_x.s3.amazonaws.com, 443",
    "https://[::1]:5000/x, ::1, 5000",
    "http://user:secret@host/x, host, 80",
    "https://example.org/a b\"<>^`{}%zz, example.org, 443",
  })
  void takesWhatOthersTake(String text, String host, int port) throws Exception {
    URI url = Location.of(text);
    assertThat(Location.host(url)).isEqualTo(host);
    assertThat(Location.port(url)).isEqualTo(port);
    assertThat(url.toASCIIString()).matches("[!-~]+");
  }

  @Test
  void resolvesAgainstTheAddressBefore() throws Exception {
    URI base = URI.create("https://host:1/v2/x/blobs/y?z=1");
    assertThat(Location.of(base, "/other|?q=%41")).hasToString("https://host:1/other%7C?q=%41");
    assertThat(Location.of(base, "//minio_1/x")).hasToString("https://minio_1/x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "ftp://host/x", "http://", "http:///x", "http://host:99999/"})
  void refusesWhatLeadsNowhere(String text) {
    assertThatThrownBy(() -> Location.of(text)).isInstanceOf(IOException.class);
  }
}
