package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The workflow "pull" of the OCI distribution specification. */
class PullIT extends RegistryUnderTest {
  private final byte[] layer = noise(1, 300_000);

  @Test
  void saysWhatItIs() throws Exception {
    HttpResponse<byte[]> answer = get("/v2/");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(text(answer)).isEqualTo("{}");
    assertThat(header(answer, "Docker-Distribution-API-Version")).isEqualTo("registry/2.0");
  }

  @Test
  void givesManifestsByTagAndDigest() throws Exception {
    byte[] manifest = pushImage("team/app", "1", layer);
    Digest digest = digest(manifest);
    for (String reference : new String[] {"1", digest.toString(), "sha256%3A" + digest.hex()}) {
      for (String method : new String[] {"GET", "HEAD"}) {
        HttpResponse<byte[]> answer = send(method, "/v2/team/app/manifests/" + reference, null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(method.equals("GET") ? manifest : new byte[0]);
        assertThat(header(answer, "Content-Type")).isEqualTo(OCI_MANIFEST);
        assertThat(header(answer, "Content-Length")).isEqualTo("" + manifest.length);
        assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest.toString());
      }
    }
  }

  @Test
  void givesBlobs() throws Exception {
    pushImage("app", "1", layer);
    String path = "/v2/app/blobs/" + digest(layer);
    HttpResponse<byte[]> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(layer);
    assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest(layer).toString());
    HttpResponse<byte[]> head = send("HEAD", path, null);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(header(head, "Content-Length")).isEqualTo("300000");
    assertThat(get(path, "If-None-Match", header(answer, "ETag")).statusCode()).isEqualTo(304);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 1",
    "bytes=5-9, 5, 5",
    "bytes=299990-, 299990, 10",
    "bytes=299990-400000, 299990, 10",
    "bytes=-7, 299993, 7",
    "bytes=-400000, 0, 300000",
  })
  void givesPartsOfBlobs(String range, int first, int length) throws Exception {
    pushImage("app", "1", layer);
    HttpResponse<byte[]> answer = get("/v2/app/blobs/" + digest(layer), "Range", range);
    assertThat(answer.statusCode()).isEqualTo(206);
    assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(layer, first, first + length));
    assertThat(header(answer, "Content-Range"))
        .isEqualTo("bytes %d-%d/300000".formatted(first, first + length - 1));
  }

  @Test
  void aPartThatIsNotThereIsRefusedAndWhatIsNoPartIgnored() throws Exception {
    pushImage("app", "1", layer);
    String path = "/v2/app/blobs/" + digest(layer);
    HttpResponse<byte[]> beyond = get(path, "Range", "bytes=300000-");
    assertRefused(beyond, 416, "RANGE_INVALID");
    assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */300000");
    for (String range : new String[] {"bytes=9-5", "bytes=-", "lines=1-2", "bytes=0-1,5-6"}) {
      assertThat(get(path, "Range", range).statusCode()).as(range).isEqualTo(200);
    }
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    pushImage("app", "1", layer);
    Digest absent = digest(noise(9, 9));
    assertRefused(get("/v2/none/manifests/1"), 404, "NAME_UNKNOWN");
    assertRefused(get("/v2/app/manifests/2"), 404, "MANIFEST_UNKNOWN");
    assertRefused(get("/v2/app/manifests/" + absent), 404, "MANIFEST_UNKNOWN");
    assertRefused(get("/v2/app/blobs/" + absent), 404, "BLOB_UNKNOWN");
    assertRefused(get("/v2/none/blobs/" + digest(layer)), 404, "NAME_UNKNOWN");
    assertThat(send("HEAD", "/v2/app/blobs/" + absent, null).statusCode()).isEqualTo(404);
    assertThat(send("HEAD", "/v2/app/manifests/2", null).statusCode()).isEqualTo(404);
  }

  @Test
  void blobsOfOneRepositoryAreNotAnothers() throws Exception {
    pushImage("secret", "1", layer);
    pushImage("app", "1", noise(2, 10));
    assertRefused(get("/v2/app/blobs/" + digest(layer)), 404, "BLOB_UNKNOWN");
  }

  @Test
  void whatWasPushedIsThereAfterARestart() throws Exception {
    byte[] manifest = pushImage("app", "1", layer);
    front.close();
    store.close();
    openStore();
    serve();
    assertThat(get("/v2/app/manifests/1").body()).isEqualTo(manifest);
    assertThat(get("/v2/app/blobs/" + digest(layer)).body()).isEqualTo(layer);
    assertThat(store.prune(true).removed()).isEmpty();
    assertThat(get("/v2/app/blobs/" + digest(layer)).body()).isEqualTo(layer);
  }

  @Test
  void twoHundredAtOnceGetAllOfIt() throws Exception {
    byte[] large = noise(3, 4_000_000);
    pushImage("app", "1", large);
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Digest> pull = () -> streamed("/v2/app/blobs/" + digest(large));
      for (Future<Digest> one : pool.invokeAll(Stream.generate(() -> pull).limit(200).toList())) {
        assertThat(one.get()).isEqualTo(digest(large));
      }
    }
  }

  /** The digest of what comes, which is not kept. */
  private Digest streamed(String path) throws Exception {
    try (SlowReader reader = SlowReader.get(front.port(), path)) {
      assertThat(reader.head).startsWith("HTTP/1.1 200 ");
      return reader.digestOfRest();
    }
  }
}
