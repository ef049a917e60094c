package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Registries and mirrors that answer wrongly, and blobs that went wrong in the store. */
class FaultyRegistriesIT extends StoreUnderTest {
  private static final int SIZE = 200_000;
  private byte[] layer;

  @BeforeEach
  void publish() throws Exception {
    layer = tar("file", noise(1, SIZE));
    registry.image("app", "1", "amd64", layer);
  }

  /** A mirror of the registry with a fault of its own. */
  private FaultyRegistry mirror(FaultyRegistry.Fault fault) throws Exception {
    FaultyRegistry mirror = new FaultyRegistry();
    mirror.contents.putAll(registry.contents);
    mirror.fault = fault;
    return mirror;
  }

  private void pullsPast(FaultyRegistry.Fault fault) throws Exception {
    try (FaultyRegistry mirror = mirror(fault)) {
      mirrored(mirror);
      assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
      assertThat(mirror.requests).isNotEmpty();
      assertThat(registry.requests).isNotEmpty();
    }
  }

  @Test
  void goesPastAMirrorThatAnswersAllWithAPage() throws Exception {
    byte[] page = "<html>log in</html>".getBytes(StandardCharsets.UTF_8);
    pullsPast(
        (exchange, path, content) -> {
          FaultyRegistry.send(exchange, 200, "text/html", page);
          return true;
        });
  }

  @Test
  void goesPastAMirrorWithAnotherManifest() throws Exception {
    pullsPast(
        (exchange, path, content) -> {
          if (path.contains("/manifests/") && exchange.getRequestMethod().equals("GET")) {
            FaultyRegistry.send(exchange, 200, "x", new byte[] {'{', '}'});
            return true;
          }
          return false;
        });
  }

  @Test
  void goesPastAMirrorThatCutsBlobs() throws Exception {
    pullsPast(
        (exchange, path, content) -> {
          if (path.contains("/blobs/")) {
            byte[] half = Arrays.copyOf(content, content.length / 2);
            FaultyRegistry.send(exchange, 200, "x", half);
            return true;
          }
          return false;
        });
  }

  @Test
  void goesPastAMirrorWithWrongBlobs() throws Exception {
    pullsPast(
        (exchange, path, content) -> {
          if (path.contains("/blobs/")) {
            byte[] wrong = content.clone();
            wrong[wrong.length - 20] ^= 1;
            FaultyRegistry.send(exchange, 200, "x", wrong);
            return true;
          }
          return false;
        });
  }

  @Test
  void readsAllWhereARangeIsAnsweredWithAnother() throws Exception {
    registry.cuts.set(1);
    registry.fault =
        (exchange, path, content) -> {
          if (exchange.getRequestHeaders().containsKey("Range")) {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-9/" + content.length);
            FaultyRegistry.send(exchange, 206, "x", Arrays.copyOf(content, 10));
            return true;
          }
          return false;
        };
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
  }

  @Test
  @Timeout(60)
  void whatIsOnDiskWaitsForNoRegistry() throws Exception {
    String label = "{\"Labels\":{\"a\":\"" + "x".repeat(200_000) + "\"}}";
    String config = "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"config\":" + label + "}";
    byte[] blob = config.getBytes(StandardCharsets.UTF_8);
    registry.contents.put("/v2/large/blobs/" + FaultyRegistry.digest(blob), blob);
    String manifest =
        "{\"schemaVersion\":2,\"config\":"
            + FaultyRegistry.descriptor("x", blob)
            + ",\"layers\":[]}";
    registry.manifest("large", "1", manifest.getBytes(StandardCharsets.UTF_8));
    pull("large:1");
    CountDownLatch stalled = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    registry.fault =
        (exchange, path, content) -> {
          if (!path.contains("/slow/manifests/") || exchange.getRequestMethod().equals("HEAD")) {
            return false;
          }
          exchange.sendResponseHeaders(200, 400_000);
          exchange.getResponseBody().write(new byte[300_000]);
          exchange.getResponseBody().flush();
          stalled.countDown();
          await(over);
          return true;
        };
    Thread slow = Thread.startVirtualThread(() -> assertThatThrownBy(() -> pull("slow:1")));
    stalled.await();
    assertThat(store.find(registry.host() + "/large:1")).isPresent();
    slow.interrupt();
    slow.join();
    over.countDown();
  }

  @Test
  void asksWithGetWhereThereIsNoHead() throws Exception {
    AtomicInteger heads = new AtomicInteger();
    registry.fault =
        (exchange, path, content) -> {
          if (exchange.getRequestMethod().equals("HEAD")) {
            heads.incrementAndGet();
            FaultyRegistry.send(exchange, 405, "text/plain", new byte[0]);
            return true;
          }
          return false;
        };
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
    assertThat(heads).hasValue(1);
  }

  @Test
  void waitsForARegistryThatIsAwayInTheMiddleOfALayer() throws Exception {
    AtomicInteger away = new AtomicInteger(5);
    registry.cuts.set(1);
    registry.fault =
        (exchange, path, content) -> {
          boolean later = exchange.getRequestHeaders().containsKey("Range");
          if (later && away.getAndDecrement() > 0) {
            FaultyRegistry.send(exchange, 502, "text/plain", new byte[0]);
            return true;
          }
          return false;
        };
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
  }

  @Test
  void takesABodyWhoseEndDoesNotCome() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    registry.fault =
        (exchange, path, content) -> {
          if (!path.contains("/blobs/") || content.length < 10_000) {
            return false;
          }
          exchange.sendResponseHeaders(200, 0); // in chunks
          exchange.getResponseBody().write(content);
          exchange.getResponseBody().flush();
          ConcurrentPullsIT.await(end);
          return true;
        };
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
    end.countDown();
  }

  @Test
  void followsRedirectsThatOnlyJavaCallsInvalid() throws Exception {
    registry.fault =
        (exchange, path, content) -> {
          String query = String.valueOf(exchange.getRequestURI().getRawQuery());
          if (path.contains("/blobs/") && query.equals("null")) {
            exchange
                .getResponseHeaders()
                .set("Location", "http://localhost:" + port() + path + "?sig=a|b c\"{}");
            FaultyRegistry.send(exchange, 307, "x", new byte[0]);
            return true;
          }
          return false;
        };
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
  }

  private String port() {
    return registry.host().substring(registry.host().indexOf(':') + 1);
  }

  @Test
  void healsABlobThatWentWrongInTheStore() throws Exception {
    pull("app:1");
    Path blob = largestBlob();
    store.remove(registry.host() + "/app:1", false);
    byte[] packed = FaultyRegistry.gzip(layer);
    byte[] zeros = packed.clone();
    Arrays.fill(zeros, packed.length / 3, packed.length / 2, (byte) 0);
    Files.write(blob, zeros);
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
    assertThat(Files.readAllBytes(blob)).isEqualTo(packed);
  }

  @Test
  void keepsNoBlobsOfImagesThatAPowerCutTook() throws Exception {
    pull("app:1");
    store.close();
    Path list = temp.resolve("images/images.json");
    Files.writeString(
        list,
        Files.readString(list).replace("\"layers\"", "\"unsyncedBoot\":\"another\",\"layers\""));
    open(config(Map.of()));
    assertThat(names("blobs/sha256")).isEmpty();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void fetchesTheBlobOfALayerThatIsThereFromAnother() throws Exception {
    pull("app:1");
    byte[] plain = layer;
    String config = new String(configOf("app"), StandardCharsets.UTF_8);
    String manifest =
        "{\"schemaVersion\":2,\"config\":"
            + FaultyRegistry.descriptor("x", config.getBytes(StandardCharsets.UTF_8))
            + ",\"layers\":["
            + FaultyRegistry.descriptor("application/vnd.oci.image.layer.v1.tar", plain)
            + "]}";
    registry.contents.put("/v2/app/blobs/" + FaultyRegistry.digest(plain), plain);
    registry.manifest("app", "plain", manifest.getBytes(StandardCharsets.UTF_8));
    pull("app:plain");
    assertThat(names("blobs/sha256")).contains(FaultyRegistry.digest(plain).hex());
  }

  @Test
  void namesALayerInPlaceOfAnImageWithoutReadingIt() throws Exception {
    byte[] large = tar("large", noise(3, 9_000_000));
    registry.image("large", "1", "amd64", large);
    pull("large:1");
    String digest = FaultyRegistry.digest(FaultyRegistry.gzip(large)).toString();
    assertThatThrownBy(() -> pull("large@" + digest))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThat(names("blobs/sha256")).contains(digest.substring(7)); // not set aside
  }

  @Test
  void aPruneFreesWhatFailedPullsHaveLeft() throws Exception {
    registry.image("more", "1", "amd64", layer, tar("other", noise(2, SIZE)));
    String missing = FaultyRegistry.digest(FaultyRegistry.gzip(layer)).toString();
    registry.contents.remove("/v2/more/blobs/" + missing);
    registry.cuts.set(100);
    assertThatThrownBy(() -> pull("more:1")).isInstanceOf(JcomposeException.class);
    assertThat(names("ingest")).isNotEmpty();
    Path longer = Files.createDirectories(temp.resolve("images/blobs/sha512"));
    Files.writeString(longer.resolve("ab".repeat(64)), "x");
    assertThat(store.prune(false).reclaimedBytes()).isPositive();
    for (String folder : List.of("ingest", "blobs/sha256", "blobs/sha512", "snapshots")) {
      assertThat(names(folder)).as(folder).isEmpty();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private byte[] configOf(String repository) {
    return registry.contents.entrySet().stream()
        .filter(e -> e.getKey().startsWith("/v2/" + repository + "/blobs/"))
        .filter(e -> e.getValue()[0] == '{')
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private Path largestBlob() throws Exception {
    Path folder = temp.resolve("images/blobs/sha256");
    return names("blobs/sha256").stream()
        .map(folder::resolve)
        .max(Comparator.comparingLong(file -> file.toFile().length()))
        .orElseThrow();
  }
}
