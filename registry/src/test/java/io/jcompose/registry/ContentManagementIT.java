package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The workflow "content management" of the OCI distribution specification, and what it frees. */
class ContentManagementIT extends RegistryUnderTest {
  private final byte[] layer = noise(1, 1000);

  private int delete(String path) throws Exception {
    return send("DELETE", path, null).statusCode();
  }

  @Test
  void deletesATagAlone() throws Exception {
    byte[] manifest = pushImage("app", "1", layer);
    pushManifest("app", "2", manifest);
    assertThat(delete("/v2/app/manifests/1")).isEqualTo(202);
    assertRefused(get("/v2/app/manifests/1"), 404, "MANIFEST_UNKNOWN");
    assertThat(text(get("/v2/app/tags/list"))).contains("\"tags\":[\"2\"]");
    assertThat(get("/v2/app/manifests/2").body()).isEqualTo(manifest);
    assertThat(delete("/v2/app/manifests/1")).isEqualTo(404);
  }

  @Test
  void deletesAManifestWithItsTagsAndContent() throws Exception {
    Digest digest = digest(pushImage("app", "1", layer));
    front.close();
    store.close();
    openStore(); // so that the blobs are no more those of an upload just now
    serve();
    assertThat(delete("/v2/app/manifests/" + digest)).isEqualTo(202);
    assertRefused(get("/v2/app/manifests/1"), 404, "NAME_UNKNOWN");
    assertThat(delete("/v2/app/manifests/" + digest)).isEqualTo(404);
    assertThat(names("blobs/sha256")).isEmpty();
    assertThat(names("repositories")).isEmpty();
    assertThat(text(get("/v2/_catalog"))).isEqualTo("{\"repositories\":[]}");
  }

  @Test
  void whatAnotherManifestNeedsStays() throws Exception {
    Digest first = digest(pushImage("app", "1", layer));
    byte[] own = noise(2, 100);
    pushImage("other", "1", layer, own);
    front.close();
    store.close();
    openStore();
    serve();
    delete("/v2/app/manifests/" + first);
    assertThat(isOnDisk(first)).isFalse();
    assertThat(get("/v2/other/blobs/" + digest(layer)).body()).isEqualTo(layer);
    assertThat(get("/v2/other/blobs/" + digest(own)).body()).isEqualTo(own);
  }

  @Test
  void aBlobThatAManifestNeedsStays() throws Exception {
    Digest manifest = digest(pushImage("app", "1", layer));
    String path = "/v2/app/blobs/" + digest(layer);
    assertRefused(send("DELETE", path, null), 405, "UNSUPPORTED");
    assertThat(get(path).statusCode()).isEqualTo(200);
    delete("/v2/app/manifests/" + manifest);
    assertThat(delete(path)).isEqualTo(202);
    assertThat(get(path).statusCode()).isEqualTo(404);
    assertThat(delete(path)).isEqualTo(404);
    assertThat(isOnDisk(digest(layer))).isFalse();
  }

  @Test
  void manifestsWithoutATagGoWhenTheyAreOld() throws Exception {
    Digest old = digest(pushImage("app", "1", layer));
    pushImage("app", "1", noise(2, 10));
    assertThat(repositories.collect((name, manifest) -> false)).isZero();
    assertThat(get("/v2/app/manifests/" + old).statusCode()).isEqualTo(200);
    assertThat(repositories.collect((name, manifest) -> true)).isEqualTo(1);
    assertThat(get("/v2/app/manifests/" + old).statusCode()).isEqualTo(404);
    assertThat(get("/v2/app/manifests/1").statusCode()).isEqualTo(200);
  }

  @Test
  void whatAnIndexNamesOrIsAboutWhatIsKeptStays() throws Exception {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    pushBlob("app", config);
    byte[] child = manifest(config, "");
    pushManifest("app", digest(child).toString(), child);
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(OCI_INDEX, descriptor(OCI_MANIFEST, child))
            .getBytes(StandardCharsets.UTF_8);
    send("PUT", "/v2/app/manifests/1", index, "Content-Type", OCI_INDEX);
    byte[] about = manifest(config, ",\"subject\":" + descriptor(OCI_MANIFEST, child));
    pushManifest("app", digest(about).toString(), about);
    assertThat(repositories.collect((name, manifest) -> true)).isZero();
    delete("/v2/app/manifests/1");
    assertThat(repositories.collect((name, manifest) -> true)).isEqualTo(3);
    assertThat(text(get("/v2/_catalog"))).isEqualTo("{\"repositories\":[]}");
  }

  @Test
  void whatIsBeingReadIsReadToItsEnd() throws Exception {
    byte[] large = noise(3, 20_000_000);
    Digest manifest = digest(pushImage("app", "1", large));
    try (SlowReader reader = SlowReader.get(front.port(), "/v2/app/blobs/" + digest(large))) {
      reader.read(1000);
      delete("/v2/app/manifests/" + manifest);
      delete("/v2/app/blobs/" + digest(large));
      assertThat(isOnDisk(digest(large))).isFalse();
      assertThat(reader.digestOfRest()).isEqualTo(digest(large));
    }
  }
}
