package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The workflow "push" of the OCI distribution specification, of manifests. */
class ManifestPushIT extends RegistryUnderTest {
  private final byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
  private final byte[] layer = noise(1, 1000);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void takesByTagAndByDigest() throws Exception {
    pushBlob("app", config);
    pushBlob("app", layer);
    byte[] manifest = manifest(config, "", layer);
    Digest digest = digest(manifest);
    for (String reference : new String[] {"v1", digest.toString()}) {
      HttpResponse<byte[]> answer = pushManifest("app", reference, manifest);
      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(header(answer, "Location")).isEqualTo("/v2/app/manifests/" + digest);
      assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest.toString());
      assertThat(get("/v2/app/manifests/" + reference).body()).isEqualTo(manifest);
    }
  }

  @Test
  void aTagMovesToTheNewestManifest() throws Exception {
    byte[] first = pushImage("app", "latest", layer);
    byte[] second = pushImage("app", "latest", layer, noise(2, 10));
    assertThat(get("/v2/app/manifests/latest").body()).isEqualTo(second);
    assertThat(get("/v2/app/manifests/" + digest(first)).body()).isEqualTo(first);
  }

  @Test
  void givesSeveralTagsAtOnce() throws Exception {
    pushBlob("app", config);
    byte[] manifest = manifest(config, "");
    HttpResponse<byte[]> answer = pushManifest("app", digest(manifest) + "?tag=a&tag=b", manifest);
    assertThat(header(answer, "OCI-Tag")).isEqualTo("a, b");
    assertThat(get("/v2/app/manifests/b").body()).isEqualTo(manifest);
    assertRefused(pushManifest("app", "c?tag=..%2F..%2Fx", manifest), 400, "TAG_INVALID");
  }

  @Test
  void takesAnEmptyListOfLayersAndASubjectThatIsNotThere() throws Exception {
    pushBlob("app", config);
    String subject = ",\"subject\":" + descriptor(OCI_MANIFEST, noise(5, 5));
    HttpResponse<byte[]> answer = pushManifest("app", "1", manifest(config, subject));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(header(answer, "OCI-Subject")).isEqualTo(digest(noise(5, 5)).toString());
  }

  @Test
  void takesDockersTypes() throws Exception {
    pushBlob("app", config);
    String type = "application/vnd.docker.distribution.manifest.v2+json";
    byte[] manifest =
        bytes(new String(manifest(config, ""), StandardCharsets.UTF_8).replace(OCI_MANIFEST, type));
    assertThat(send("PUT", "/v2/app/manifests/1", manifest, "Content-Type", type).statusCode())
        .isEqualTo(201);
    assertThat(header(get("/v2/app/manifests/1"), "Content-Type")).isEqualTo(type);
    String list = "application/vnd.docker.distribution.manifest.list.v2+json";
    byte[] index =
        bytes(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(list, descriptor(type, manifest)));
    assertThat(send("PUT", "/v2/app/manifests/all", index, "Content-Type", list).statusCode())
        .isEqualTo(201);
    assertThat(header(get("/v2/app/manifests/all"), "Content-Type")).isEqualTo(list);
  }

  @Test
  void whatIsNamedMustBeThere() throws Exception {
    pushBlob("app", config);
    HttpResponse<byte[]> answer = pushManifest("app", "1", manifest(config, "", layer));
    assertRefused(answer, 400, "MANIFEST_BLOB_UNKNOWN");
    assertThat(text(answer))
        .contains(digest(layer).toString())
        .doesNotContain(digest(config).hex());
    assertRefused(get("/v2/app/tags/list"), 404, "NAME_UNKNOWN");
    pushBlob("other", layer);
    assertRefused(
        pushManifest("app", "1", manifest(config, "", layer)), 400, "MANIFEST_BLOB_UNKNOWN");
    byte[] index =
        bytes(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(OCI_INDEX, descriptor(OCI_MANIFEST, noise(3, 3))));
    assertRefused(
        send("PUT", "/v2/app/manifests/1", index, "Content-Type", OCI_INDEX),
        400,
        "MANIFEST_BLOB_UNKNOWN");
  }

  @Test
  void layersOfOtherPlacesNeedNotBeThere() throws Exception {
    pushBlob("app", config);
    String foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    byte[] manifest =
        bytes(
            new String(manifest(config, "", layer), StandardCharsets.UTF_8)
                .replace(LAYER, foreign));
    assertThat(pushManifest("app", "1", manifest).statusCode()).isEqualTo(201);
  }

  @Test
  void namingALayerOfOtherPlacesGivesNoRightToIt() throws Exception {
    pushImage("secret", "1", layer);
    pushBlob("app", config);
    String foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    byte[] manifest =
        bytes(
            new String(manifest(config, "", layer), StandardCharsets.UTF_8)
                .replace(LAYER, foreign));
    assertThat(pushManifest("app", "1", manifest).statusCode()).isEqualTo(201);
    assertRefused(get("/v2/app/blobs/" + digest(layer)), 404, "BLOB_UNKNOWN");
    assertThat(
            send("POST", "/v2/x/blobs/uploads/?mount=" + digest(layer) + "&from=app", null)
                .statusCode())
        .isEqualTo(202);
  }

  @Test
  void boundsWhatListsRepeat() throws Exception {
    pushBlob("app", config);
    String annotations = ",\"annotations\":{\"a\":\"" + "x".repeat(70_000) + "\"}";
    assertRefused(pushManifest("app", "1", manifest(config, annotations)), 400, "MANIFEST_INVALID");
    String type = ",\"artifactType\":\"" + "x".repeat(300) + "\"";
    assertRefused(pushManifest("app", "1", manifest(config, type)), 400, "MANIFEST_INVALID");
  }

  @Test
  void keepsTheBytesAsTheyCame() throws Exception {
    pushBlob("app", config);
    byte[] manifest =
        bytes(
            "\n  " + new String(manifest(config, ",\"x\" : [ ]"), StandardCharsets.UTF_8) + "\n\n");
    assertThat(pushManifest("app", "1", manifest).statusCode()).isEqualTo(201);
    assertThat(get("/v2/app/manifests/1").body()).isEqualTo(manifest);
  }

  @Test
  void takesFourMebibytesAndNoMore() throws Exception {
    pushBlob("app", config);
    int limit = 4 << 20;
    byte[] head = manifest(config, "");
    byte[] full = Arrays.copyOf(head, limit);
    Arrays.fill(full, head.length, limit, (byte) ' ');
    assertThat(pushManifest("app", "1", full).statusCode()).isEqualTo(201);
    assertThat(get("/v2/app/manifests/1").body()).isEqualTo(full);
    byte[] more = Arrays.copyOf(full, limit + 1);
    more[limit] = ' ';
    assertRefused(pushManifest("app", "1", more), 413, "SIZE_INVALID");
    assertThat(names("ingest")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "[]",
        "{}",
        "{\"schemaVersion\":1,\"name\":\"app\",\"fsLayers\":[]}",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:../..\",\"size\":2},\"layers\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
        "{\"schemaVersion\":2,\"mediaType\":\"text/html\",\"manifests\":[]}",
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]}"
      })
  void whatIsNoManifestIsRefused(String text) throws Exception {
    assertRefused(
        send("PUT", "/v2/app/manifests/1", bytes(text), "Content-Type", OCI_MANIFEST),
        400,
        "MANIFEST_INVALID");
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void aWrongTypeOrDigestIsRefused() throws Exception {
    pushBlob("app", config);
    byte[] manifest = manifest(config, "");
    assertRefused(
        send("PUT", "/v2/app/manifests/1", manifest, "Content-Type", OCI_INDEX),
        400,
        "MANIFEST_INVALID");
    assertRefused(
        pushManifest("app", digest(noise(1, 1)).toString(), manifest), 400, "MANIFEST_INVALID");
  }

  @Test
  void takesAManifestByItsSha512() throws Exception {
    pushBlob("app", config);
    byte[] manifest = manifest(config, "");
    Digest digest = digest("SHA-512", manifest);
    assertThat(pushManifest("app", digest.toString(), manifest).statusCode()).isEqualTo(201);
    HttpResponse<byte[]> answer = get("/v2/app/manifests/" + digest);
    assertThat(answer.body()).isEqualTo(manifest);
    assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest.toString());
  }
}
