package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.Upstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blobs on their way from another registry, and many who read them meanwhile. */
@Timeout(120)
class FetchedBlobsIT extends RegistryUnderTest {
  private final byte[] layer = noise(1, 8_000_000);
  private final Digest digest = digest(layer);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private OtherRegistry other;
  private String name;

  @BeforeEach
  @Override
  void open() throws IOException {
    other = new OtherRegistry();
    other.image("app", "1", layer);
    name = other.prefix() + "/app";
    super.open();
    repositories.upstreams().serve(List.of(new Upstream(other.host())), Duration.ofHours(1));
  }

  @AfterEach
  void closeOther() {
    goOn.countDown();
    other.close();
  }

  private String path() {
    return "/v2/" + name + "/blobs/" + digest;
  }

  private void manifest() throws Exception {
    assertThat(get("/v2/" + name + "/manifests/1").statusCode()).isEqualTo(200);
  }

  /** Lets the other registry stop in the midst of the layer until it is told to go on. */
  private void stopInTheMidst() {
    other.fault =
        (exchange, path, content) -> {
          if (!path.endsWith(digest.toString())) {
            return false;
          }
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, content.length / 2);
          exchange.getResponseBody().flush();
          await();
          exchange
              .getResponseBody()
              .write(content, content.length / 2, content.length - content.length / 2);
          return true;
        };
  }

  private void await() throws IOException {
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private Callable<Digest> reader() {
    return () -> {
      try (SlowReader reader = SlowReader.get(front.port(), path())) {
        assertThat(reader.head).startsWith("HTTP/1.1 200 ");
        return reader.digestOfRest();
      }
    };
  }

  @Test
  void twoHundredThatWantItAreOneRequest() throws Exception {
    manifest();
    stopInTheMidst();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Digest>> all = new ArrayList<>();
      Stream.generate(this::reader).limit(200).forEach(one -> all.add(pool.submit(one)));
      while (front.connections() < 200) {
        Thread.onSpinWait();
      }
      goOn.countDown();
      for (Future<Digest> one : all) {
        assertThat(one.get()).isEqualTo(digest);
      }
    }
    assertThat(other.count("/blobs/")).isEqualTo(1);
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void whatHasComeIsGivenBeforeTheRest() throws Exception {
    manifest();
    stopInTheMidst();
    try (SlowReader reader = SlowReader.get(front.port(), path())) {
      reader.read(3_000_000);
      HttpResponse<byte[]> part = get(path(), "Range", "bytes=1000-1999");
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(layer, 1000, 2000));
      assertThat(isOnDisk(digest)).isFalse();
      goOn.countDown();
      assertThat(reader.digestOfRest()).isEqualTo(digest);
    }
    assertThat(other.count("/blobs/")).isEqualTo(1);
  }

  @Test
  void whoDoesNotReadKeepsNobodyWaiting() throws Exception {
    manifest();
    try (SlowReader stalled = SlowReader.get(front.port(), path())) {
      assertThat(reader().call()).isEqualTo(digest);
      while (!repositories.has(new RepositoryName(name), digest)) {
        Thread.onSpinWait();
      }
      assertThat(stalled.digestOfRest()).isEqualTo(digest);
    }
    assertThat(other.count("/blobs/")).isEqualTo(1);
  }

  @Test
  void itIsFetchedToItsEndWhenItsClientGoesAway() throws Exception {
    manifest();
    stopInTheMidst();
    SlowReader.get(front.port(), path()).close();
    goOn.countDown();
    while (!repositories.has(new RepositoryName(name), digest)) {
      Thread.onSpinWait();
    }
    assertThat(get(path()).body()).isEqualTo(layer);
    assertThat(other.count("/blobs/")).isEqualTo(1);
  }

  private void assertNotGiven() throws Exception {
    try (SlowReader reader = SlowReader.get(front.port(), path())) {
      assertThat(reader.head).contains("200 OK").containsIgnoringCase("content-length: 8000000");
      assertThat(reader.digestOfRest()).isNotEqualTo(digest);
    }
    assertThat(isOnDisk(digest)).isFalse();
    assertThat(names("ingest")).isEmpty();
    assertThat(repositories.has(new RepositoryName(name), digest)).isFalse();
    other.fault = (exchange, path, content) -> false;
    assertThat(get(path()).body()).isEqualTo(layer);
  }

  @Test
  void wrongContentIsCutOffBeforeItsEndAndNotKept() throws Exception {
    manifest();
    byte[] wrong = layer.clone();
    wrong[5] ^= 1;
    other.fault =
        (exchange, path, content) -> {
          if (path.endsWith(digest.toString())) {
            OtherRegistry.send(exchange, 200, wrong);
            return true;
          }
          return false;
        };
    try (SlowReader reader = SlowReader.get(front.port(), path())) {
      assertThat(reader.bytesOfRest()).isLessThan(layer.length);
    }
    assertNotGiven();
  }

  @Test
  void whatIsCutOffIsCutOffHereAndNotKept() throws Exception {
    manifest();
    other.fault =
        (exchange, path, content) -> {
          if (!path.endsWith(digest.toString())) {
            return false;
          }
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 5_000_000);
          throw new IOException("cut");
        };
    assertNotGiven();
  }

  @Test
  void moreThanTheManifestSaysIsNotTaken() throws Exception {
    manifest();
    other.fault =
        (exchange, path, content) -> {
          if (path.endsWith(digest.toString())) {
            OtherRegistry.send(exchange, 200, Arrays.copyOf(content, content.length + 10));
            return true;
          }
          return false;
        };
    assertThat(get(path()).body()).isEqualTo(layer);
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void whatTheOtherDoesNotHaveIsNotThere() throws Exception {
    manifest();
    other.contents.remove("/v2/app/blobs/" + digest);
    assertRefused(get(path()), 404, "BLOB_UNKNOWN");
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void anEmptyBlobIsFetchedToo() throws Exception {
    byte[] empty = {};
    other.image("app", "1", empty);
    manifest();
    HttpResponse<byte[]> answer = get("/v2/" + name + "/blobs/" + digest(empty));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void aSizeThatCannotBeIsRefusedUnasked() throws Exception {
    String claim =
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
            .formatted(LAYER, digest, Long.MAX_VALUE);
    String text = new String(manifest(new byte[0], "", layer), StandardCharsets.UTF_8);
    other.manifest(
        "app", "1", text.replace(descriptor(LAYER, layer), claim).getBytes(StandardCharsets.UTF_8));
    manifest();
    assertThat(get(path()).statusCode()).isEqualTo(507);
    assertThat(other.count("/blobs/")).isZero();
  }
}
