package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Digest;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.Upstream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of another registry, fetched through this one: what is given out, and to whom. */
class PullThroughIT extends RegistryUnderTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final byte[] layer = noise(1, 300_000);
  private OtherRegistry other;
  private byte[] manifest;
  private String name; // of team/app there, here

  @BeforeEach
  @Override
  void open() throws IOException {
    other = new OtherRegistry();
    manifest = other.image("team/app", "1", layer);
    name = other.prefix() + "/team/app";
    super.open();
    upstream(LONG);
  }

  @AfterEach
  void closeOther() {
    other.close();
  }

  @Override
  Path dockerConfig() {
    return temp.resolve("config.json");
  }

  private void upstream(Duration life) {
    repositories.upstreams().serve(List.of(new Upstream(other.host())), life);
  }

  private HttpResponse<byte[]> tag(String method) throws Exception {
    return send(method, "/v2/" + name + "/manifests/1", null);
  }

  private HttpResponse<byte[]> blob(byte[] content) throws Exception {
    return get("/v2/" + name + "/blobs/" + digest(content));
  }

  private void restart() throws IOException {
    front.close();
    store.close();
    openStore();
    serve();
    upstream(LONG);
  }

  @Test
  void givesWhatTheOtherRegistryHas() throws Exception {
    HttpResponse<byte[]> answer = tag("GET");
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(manifest);
    assertThat(header(answer, "Content-Type")).isEqualTo(OCI_MANIFEST);
    assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest(manifest).toString());
    assertThat(header(answer, "Warning")).isEmpty();
    assertThat(get("/v2/" + name + "/manifests/" + digest(manifest)).body()).isEqualTo(manifest);
    HttpResponse<byte[]> head = send("HEAD", "/v2/" + name + "/blobs/" + digest(layer), null);
    assertThat(header(head, "Content-Length")).isEqualTo("300000");
    assertThat(other.count("/blobs/")).isZero();
    assertThat(blob(layer).body()).isEqualTo(layer);
    assertThat(blob(layer).body()).isEqualTo(layer);
    assertThat(other.count("/blobs/")).isEqualTo(1);
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void aMirrorsClientSaysWhoseImageItWants() throws Exception {
    String query = "?ns=" + other.host();
    HttpResponse<byte[]> answer = get("/v2/team/app/manifests/1" + query);
    assertThat(answer.body()).isEqualTo(manifest);
    assertThat(header(answer, "OCI-Namespace")).isEqualTo(other.host());
    assertThat(get("/v2/team/app/blobs/" + digest(layer) + query).body()).isEqualTo(layer);
    assertRefused(get("/v2/team/app/manifests/1?ns=docker.io"), 404, "NAME_UNKNOWN");
    assertRefused(get("/v2/team/app/manifests/1"), 404, "NAME_UNKNOWN");
  }

  @Test
  void onlyWhatIsAskedForIsFetched() throws Exception {
    byte[] arm = other.image("team/app", "arm", noise(2, 1000));
    String entries = descriptor(OCI_MANIFEST, manifest) + "," + descriptor(OCI_MANIFEST, arm);
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(OCI_INDEX, entries)
            .getBytes(StandardCharsets.UTF_8);
    other.manifest("team/app", "all", index);
    HttpResponse<byte[]> answer = get("/v2/" + name + "/manifests/all");
    assertThat(answer.body()).isEqualTo(index);
    assertThat(header(answer, "Content-Type")).isEqualTo(OCI_INDEX);
    get("/v2/" + name + "/manifests/" + digest(manifest));
    assertThat(blob(layer).body()).isEqualTo(layer);
    assertThat(other.count(digest(arm).hex())).isZero();
    assertThat(other.count("/blobs/")).isEqualTo(1);
  }

  @Test
  void aTagIsAskedForOnceInItsTime() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(tag(i % 2 == 0 ? "HEAD" : "GET").statusCode()).isEqualTo(200);
      assertThat(get("/v2/" + name + "/manifests/none").statusCode()).isEqualTo(404);
    }
    assertThat(other.count("/manifests/1")).isEqualTo(1);
    assertThat(other.requests).contains("HEAD /v2/team/app/manifests/1");
    assertThat(other.count("/manifests/" + digest(manifest))).isEqualTo(1);
    assertThat(other.count("HEAD /v2/team/app/manifests/none")).isEqualTo(1);
  }

  @Test
  void aTagThatHasMovedIsFetchedAnew() throws Exception {
    upstream(Duration.ZERO);
    tag("GET");
    tag("GET");
    assertThat(other.count("/manifests/" + digest(manifest))).isEqualTo(1);
    byte[] next = other.image("team/app", "1", noise(5, 100));
    assertThat(tag("GET").body()).isEqualTo(next);
    assertThat(get("/v2/" + name + "/manifests/" + digest(manifest)).body()).isEqualTo(manifest);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503, 0})
  void theLastAnswerIsGivenWhereItDoesNotAnswer(int status) throws Exception {
    upstream(Duration.ZERO);
    tag("GET");
    blob(layer);
    other.fault =
        (exchange, path, content) -> {
          if (status > 0) {
            OtherRegistry.send(exchange, status, new byte[0]);
          }
          return true; // or the connection ends without an answer
        };
    HttpResponse<byte[]> stale = tag("GET");
    assertThat(stale.body()).isEqualTo(manifest);
    assertThat(header(stale, "Warning")).startsWith("299 - \"" + other.host());
    assertThat(header(tag("HEAD"), "Warning")).isNotEmpty();
    assertThat(blob(layer).body()).isEqualTo(layer);
    other.fault = (exchange, path, content) -> false;
    assertThat(header(tag("GET"), "Warning")).isEmpty();
  }

  @Test
  void afterARestartWhatWasFetchedIsThere() throws Exception {
    tag("GET");
    blob(layer);
    restart();
    other.close();
    assertThat(header(tag("GET"), "Warning")).isNotEmpty();
    assertThat(tag("GET").body()).isEqualTo(manifest);
    assertThat(store.prune(true).removed()).isEmpty();
    assertThat(blob(layer).body()).isEqualTo(layer);
  }

  @Test
  void aTagThatIsGoneThereIsGone() throws Exception {
    upstream(Duration.ZERO);
    tag("GET");
    other.contents.remove("/v2/team/app/manifests/1");
    assertRefused(tag("GET"), 404, "MANIFEST_UNKNOWN");
    assertThat(text(get("/v2/" + name + "/tags/list"))).contains("\"tags\":[]");
  }

  @Test
  void whatAManifestNamesIsGivenOnlyWhenItCameFromThere() throws Exception {
    upstream(Duration.ZERO);
    byte[] pushed = noise(6, 5000);
    pushImage("secret", "1", pushed);
    byte[] ofImage = "of an image of the engine".getBytes(StandardCharsets.UTF_8);
    store.importRoot(
        new ByteArrayInputStream(tar(ofImage)), new Images.Import("own:1", List.of(), "", ""));
    List<String> own = names("blobs/sha256");
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    other.blob("team/app", config);
    for (String hex : own) {
      Path file = temp.resolve("images/blobs/sha256").resolve(hex);
      other.manifest("team/app", "1", manifest(config, "", Files.readAllBytes(file)));
      assertThat(tag("GET").statusCode()).isEqualTo(200);
      assertRefused(get("/v2/" + name + "/blobs/sha256:" + hex), 404, "BLOB_UNKNOWN");
    }
    assertThat(own).contains(digest(pushed).hex());
    assertThat(store.remove("own:1", true)).isNotEmpty();
  }

  private static byte[] tar(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void whatItServesAlreadyIsConfirmedAndNotFetchedAgain() throws Exception {
    pushImage("pushed", "1", layer);
    tag("GET");
    assertThat(blob(layer).body()).isEqualTo(layer);
    assertThat(other.requests).contains("HEAD /v2/team/app/blobs/" + digest(layer));
    assertThat(other.count("GET /v2/team/app/blobs/")).isZero();
  }

  @Test
  void aBlobThatNoFetchedManifestNamesIsNotAskedFor() throws Exception {
    tag("GET");
    byte[] unnamed = noise(7, 100);
    other.blob("team/app", unnamed);
    assertRefused(blob(unnamed), 404, "BLOB_UNKNOWN");
    assertThat(send("HEAD", "/v2/" + name + "/blobs/" + digest(unnamed), null).statusCode())
        .isEqualTo(404);
    assertThat(other.count("/blobs/")).isZero();
  }

  @Test
  void aRepositoryHasOnlyItsOwn() throws Exception {
    other.image("team/b", "1", noise(8, 100));
    tag("GET");
    blob(layer);
    get("/v2/" + other.prefix() + "/team/b/manifests/1");
    assertRefused(
        get("/v2/" + other.prefix() + "/team/b/blobs/" + digest(layer)), 404, "BLOB_UNKNOWN");
    assertRefused(get("/v2/team/app/blobs/" + digest(layer)), 404, "NAME_UNKNOWN");
  }

  @Test
  void nothingIsPushedToIt() throws Exception {
    for (String path : new String[] {"/blobs/uploads/", "/manifests/1"}) {
      HttpResponse<byte[]> answer =
          send(path.endsWith("/") ? "POST" : "PUT", "/v2/" + name + path, manifest);
      assertRefused(answer, 405, "UNSUPPORTED");
      assertThat(text(answer)).contains("is fetched from " + other.host());
    }
    tag("GET");
    assertRefused(
        send("DELETE", "/v2/" + name + "/manifests/" + digest(manifest), null), 405, "UNSUPPORTED");
    repositories.servedAs(Set.of("registry.test"));
    store.importRoot(
        new ByteArrayInputStream(tar(layer)),
        new Images.Import("registry.test/" + name + ":2", List.of(), "", ""));
    assertThatThrownBy(() -> store.push("registry.test/" + name + ":2", Progress.NONE))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("is fetched from");
    repositories.upstreams().serve(List.of(), LONG);
    HttpResponse<byte[]> later = send("POST", "/v2/" + name + "/blobs/uploads/", null);
    assertRefused(later, 405, "UNSUPPORTED");
    assertThat(text(later)).contains("registry rm " + name);
    assertThatThrownBy(() -> store.push("registry.test/" + name + ":2", Progress.NONE))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("registry rm " + name);
    assertThat(store.remove("registry.test/" + name + ":2", true)).isNotEmpty();
  }

  @Test
  void whatWasFetchedIsGivenOutAsLongAsItsRegistryIsFetchedFrom() throws Exception {
    tag("GET");
    blob(layer);
    assertThat(text(get("/v2/_catalog"))).contains("\"" + name + "\"");
    repositories.upstreams().serve(List.of(), LONG);
    assertThat(text(get("/v2/_catalog"))).isEqualTo("{\"repositories\":[]}");
    assertRefused(tag("GET"), 404, "NAME_UNKNOWN");
    assertRefused(blob(layer), 404, "NAME_UNKNOWN");
  }

  @Test
  void whatNobodyUsesGoes() throws Exception {
    tag("GET");
    blob(layer);
    assertThat(repositories.find(new RepositoryName(name)).orElseThrow().sizeBytes())
        .isEqualTo(manifest.length + 300_000);
    assertThat(repositories.collect((repository, one) -> false)).isZero();
    assertThat(isOnDisk(digest(layer))).isTrue();
    assertThat(repositories.collect((repository, one) -> repository.isFetched())).isEqualTo(1);
    assertThat(names("blobs/sha256")).isEmpty();
    assertThat(names("repositories")).isEmpty();
    assertThat(tag("GET").body()).isEqualTo(manifest);
  }

  @Test
  void aBrowserFetchesNothing() throws Exception {
    HttpResponse<byte[]> answer =
        get("/v2/" + name + "/manifests/1", "Sec-Fetch-Site", "cross-site");
    assertRefused(answer, 403, "DENIED");
    assertThat(other.requests).isEmpty();
  }

  @Test
  void theEnginesLoginIsShownAndNoClients() throws Exception {
    String secret = Base64.getEncoder().encodeToString("engine:secret".getBytes());
    Files.writeString(
        dockerConfig(), "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(other.host(), secret));
    other.fault =
        (exchange, path, content) -> {
          String login = exchange.getRequestHeaders().getFirst("Authorization");
          if (path.equals("/v2/") || ("Basic " + secret).equals(login)) {
            return false;
          }
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
          OtherRegistry.send(exchange, 401, new byte[0]);
          return true;
        };
    HttpResponse<byte[]> answer =
        get("/v2/" + name + "/manifests/1", "Authorization", "Bearer of-the-client");
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(other.logins).contains("Basic " + secret).doesNotContain("Bearer of-the-client");
    Files.writeString(dockerConfig(), "{}");
    assertRefused(get("/v2/" + name + "/manifests/2"), 404, "MANIFEST_UNKNOWN");
  }

  @Test
  void anotherManifestThanItsDigestSaysIsNotKept() throws Exception {
    Digest wanted = digest(manifest);
    other.contents.put("/v2/team/app/manifests/" + wanted, manifest(layer, ""));
    HttpResponse<byte[]> answer = get("/v2/" + name + "/manifests/" + wanted);
    assertRefused(answer, 503, "UNAVAILABLE");
    assertThat(names("blobs/sha256")).isEmpty();
    assertThat(names("ingest")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "a/..", "%2e%2e/x", "A", "a//b", "a%00", "_state"})
  void whatIsNoNameIsAskedForNowhere(String path) throws Exception {
    HttpResponse<byte[]> answer = get("/v2/" + other.prefix() + "/" + path + "/manifests/1");
    assertThat(answer.statusCode()).isIn(400, 404);
    assertThat(other.requests).isEmpty();
  }
}
