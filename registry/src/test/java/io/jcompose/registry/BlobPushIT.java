package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The workflow "push" of the OCI distribution specification, of blobs. */
class BlobPushIT extends RegistryUnderTest {
  private final byte[] content = noise(1, 200_000);
  private final Digest digest = digest(content);

  private void assertPushed(String name) throws Exception {
    HttpResponse<byte[]> answer = get("/v2/" + name + "/blobs/" + digest);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(content);
    assertThat(names("ingest")).isEmpty();
  }

  private byte[] part(int from, int to) {
    return Arrays.copyOfRange(content, from, to);
  }

  private HttpResponse<byte[]> patch(String location, int from, int to) throws Exception {
    return send("PATCH", location, part(from, to), "Content-Range", from + "-" + (to - 1));
  }

  @Test
  void takesABlobInOnePost() throws Exception {
    HttpResponse<byte[]> answer = send("POST", "/v2/app/blobs/uploads/?digest=" + digest, content);
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(header(answer, "Location")).isEqualTo("/v2/app/blobs/" + digest);
    assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest.toString());
    assertPushed("app");
  }

  @Test
  void takesABlobInAPostAndAPut() throws Exception {
    String location = begin("app");
    HttpResponse<byte[]> answer = send("PUT", location + "?digest=" + digest, content);
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(header(answer, "Location")).isEqualTo("/v2/app/blobs/" + digest);
    assertPushed("app");
  }

  @Test
  void takesABlobOfUnknownLengthAsDockerSendsIt() throws Exception {
    String location = begin("app");
    HttpRequest patch =
        HttpRequest.newBuilder(URI.create("http://" + host() + location))
            .method("PATCH", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(content)))
            .build();
    HttpResponse<byte[]> answer = http.send(patch, BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(header(answer, "Range")).isEqualTo("0-199999");
    assertThat(send("PUT", header(answer, "Location") + "?digest=" + digest, null).statusCode())
        .isEqualTo(201);
    assertPushed("app");
  }

  @Test
  void takesABlobInChunks() throws Exception {
    String location = begin("app");
    HttpResponse<byte[]> first = patch(location, 0, 50_000);
    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(header(first, "Range")).isEqualTo("0-49999");
    assertThat(patch(header(first, "Location"), 50_000, 120_000).statusCode()).isEqualTo(202);
    HttpResponse<byte[]> last =
        send(
            "PUT",
            location + "?digest=" + digest,
            part(120_000, 200_000),
            "Content-Range",
            "120000-199999");
    assertThat(last.statusCode()).isEqualTo(201);
    assertPushed("app");
  }

  @Test
  void aChunkOutOfOrderIsRefusedAndTheUploadGoesOn() throws Exception {
    String location = begin("app");
    patch(location, 0, 50_000);
    for (String range : new String[] {"60000-69999", "0-9999", "9-3", "a-b", "50000-50004"}) {
      HttpResponse<byte[]> wrong =
          send("PATCH", location, part(60_000, 70_000), "Content-Range", range);
      assertThat(wrong.statusCode()).as(range).isEqualTo(416);
      assertThat(header(wrong, "Range")).isEqualTo("0-49999");
      assertThat(header(wrong, "Location")).isEqualTo(location);
    }
    assertThat(patch(location, 50_000, 200_000).statusCode()).isEqualTo(202);
    assertThat(send("PUT", location + "?digest=" + digest, null).statusCode()).isEqualTo(201);
    assertPushed("app");
  }

  @Test
  void saysHowFarAnUploadIs() throws Exception {
    String location = begin("app");
    HttpResponse<byte[]> fresh = get(location);
    assertThat(fresh.statusCode()).isEqualTo(204);
    assertThat(header(fresh, "Range")).isEqualTo("0-0");
    patch(location, 0, 50_000);
    HttpResponse<byte[]> later = get(location);
    assertThat(header(later, "Range")).isEqualTo("0-49999");
    assertThat(header(later, "Location")).isEqualTo(location);
  }

  @Test
  void anUploadThatIsGivenUpIsGone() throws Exception {
    String location = begin("app");
    patch(location, 0, 50_000);
    assertThat(names("ingest")).hasSize(1);
    assertThat(send("DELETE", location, null).statusCode()).isEqualTo(204);
    assertThat(names("ingest")).isEmpty();
    assertRefused(get(location), 404, "BLOB_UPLOAD_UNKNOWN");
    assertRefused(patch(location, 50_000, 60_000), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void anUploadIsItsRepositorysOnly() throws Exception {
    String location = begin("app");
    assertRefused(get(location.replace("/app/", "/other/")), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void aWrongDigestIsRefusedAndLeavesNothing() throws Exception {
    Digest other = digest(noise(2, 5));
    assertRefused(send("PUT", begin("app") + "?digest=" + other, content), 400, "DIGEST_INVALID");
    assertRefused(
        send("POST", "/v2/app/blobs/uploads/?digest=" + other, content), 400, "DIGEST_INVALID");
    assertThat(names("ingest")).isEmpty();
    assertThat(names("blobs/sha256")).isEmpty();
    assertThat(send("HEAD", "/v2/app/blobs/" + other, null).statusCode()).isEqualTo(404);
  }

  @Test
  void whatIsNoDigestIsRefusedAndTheUploadGoesOn() throws Exception {
    String location = begin("app");
    for (String wrong : new String[] {"", "?digest=", "?digest=md5:0", "?digest=sha256:../../x"}) {
      assertRefused(send("PUT", location + wrong, content), 400, "DIGEST_INVALID");
    }
    assertThat(send("PUT", location + "?digest=" + digest, content).statusCode()).isEqualTo(201);
  }

  @Test
  void takesSha512() throws Exception {
    Digest long512 = digest("SHA-512", content);
    assertThat(send("PUT", begin("app") + "?digest=" + long512, content).statusCode())
        .isEqualTo(201);
    assertThat(get("/v2/app/blobs/" + long512).body()).isEqualTo(content);
    assertRefused(
        send("PUT", begin("app") + "?digest=" + long512, noise(5, 5)), 400, "DIGEST_INVALID");
  }

  @Test
  void takesAnEmptyBlob() throws Exception {
    Digest empty = digest(new byte[0]);
    assertThat(send("PUT", begin("app") + "?digest=" + empty, null).statusCode()).isEqualTo(201);
    assertThat(get("/v2/app/blobs/" + empty).body()).isEmpty();
  }

  @Test
  void mountsWhatAnotherRepositoryHas() throws Exception {
    pushImage("from", "1", content);
    for (String query : new String[] {"mount=" + digest + "&from=from", "mount=" + digest}) {
      HttpResponse<byte[]> answer = send("POST", "/v2/into/blobs/uploads/?" + query, null);
      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(header(answer, "Location")).isEqualTo("/v2/into/blobs/" + digest);
      assertPushed("into");
      assertThat(send("DELETE", "/v2/into/blobs/" + digest, null).statusCode()).isEqualTo(202);
      assertRefused(get("/v2/into/blobs/" + digest), 404, "NAME_UNKNOWN");
    }
  }

  @Test
  void aMountOfWhatIsNotThereBecomesAnUpload() throws Exception {
    pushImage("from", "1", content);
    String absent = digest(noise(7, 7)).toString();
    for (String query :
        new String[] {
          "mount=" + absent + "&from=from",
          "mount=" + digest + "&from=none",
          "mount=" + digest + "&from=../from",
          "mount=nonsense&from=from"
        }) {
      HttpResponse<byte[]> answer = send("POST", "/v2/into/blobs/uploads/?" + query, null);
      assertThat(answer.statusCode()).as(query).isEqualTo(202);
      assertThat(get(header(answer, "Location")).statusCode()).isEqualTo(204);
    }
  }

  @Test
  void twoUploadsOfOneBlobAreOneFile() throws Exception {
    pushBlob("one", content);
    pushBlob("two", content);
    assertThat(names("blobs/sha256")).containsExactly(digest.hex());
  }
}
