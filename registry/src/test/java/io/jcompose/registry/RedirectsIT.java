package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.jcompose.images.repository.Upstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another registry on an address of the internet (RFC 5737) that sends fetches elsewhere. */
class RedirectsIT extends RegistryUnderTest {
  private static final String OUTSIDE = "198.51.100.7";
  private static final String ALSO_OUTSIDE = "198.51.100.8";

  private final byte[] layer = noise(1, 500_000);
  private OtherRegistry other;
  private String name;

  @BeforeEach
  @Override
  void open() throws IOException {
    ip("add", OUTSIDE);
    ip("add", ALSO_OUTSIDE);
    other = new OtherRegistry(OUTSIDE);
    other.image("app", "1", layer);
    name = "/v2/" + other.prefix() + "/app";
    super.open();
    repositories.upstreams().serve(List.of(new Upstream(other.host())), Duration.ofHours(1));
  }

  @AfterEach
  @Override
  void close() throws IOException {
    super.close();
    other.close();
    ip("del", OUTSIDE);
    ip("del", ALSO_OUTSIDE);
  }

  private static void ip(String verb, String address) throws IOException {
    try {
      String[] command = {"ip", "address", verb, address + "/32", "dev", "lo"};
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  List<String> insecure() {
    return List.of("198.51.100.0/24");
  }

  private HttpResponse<byte[]> fetchedBy(OtherRegistry second) throws Exception {
    second.image("app", "1", layer);
    other.fault =
        (exchange, path, content) -> {
          if (!path.contains("/blobs/")) {
            return false;
          }
          redirect(exchange, "http://" + second.host() + path);
          return true;
        };
    assertThat(get(name + "/manifests/1").statusCode()).isEqualTo(200);
    return get(name + "/blobs/" + digest(layer));
  }

  private static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(307, -1);
  }

  @Test
  void whereItsStorageIsItIsFetched() throws Exception {
    try (OtherRegistry storage = new OtherRegistry(ALSO_OUTSIDE)) {
      assertThat(fetchedBy(storage).body()).isEqualTo(layer);
      assertThat(storage.count("/blobs/")).isEqualTo(1);
    }
  }

  @Test
  void nothingIsFetchedForItFromInside() throws Exception {
    try (OtherRegistry inside = new OtherRegistry()) {
      assertRefused(fetchedBy(inside), 503, "UNAVAILABLE");
      assertThat(isOnDisk(digest(layer))).isFalse();
      assertThat(names("ingest")).isEmpty();
    }
  }
}
