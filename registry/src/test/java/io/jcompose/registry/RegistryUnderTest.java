package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import io.jcompose.images.ImageStore;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.images.repository.Repositories;
import io.jcompose.registry.access.Gate;
import io.jcompose.registry.http.HttpFront;
import io.jcompose.registry.http.Listening;
import io.jcompose.registry.protocol.DistributionApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A registry over a store of its own, and a client of HTTP that knows nothing of it. */
abstract class RegistryUnderTest {
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  @TempDir Path temp;
  ImageStore store;
  Repositories repositories;
  HttpFront front;
  String base; // of the registry that requests go to
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void open() throws IOException {
    openStore();
    serve();
  }

  /** Where the engine's logins are. */
  Path dockerConfig() {
    return temp.resolve("none.json");
  }

  /** Registries beside those on loopback that speak HTTP. */
  List<String> insecure() {
    return List.of();
  }

  void openStore() {
    RegistryConfig config =
        new RegistryConfig(Map.of(), insecure(), List.of(), dockerConfig(), key -> null);
    store =
        ImageStore.open(
            temp.resolve("images"), temp.resolve("containers"), config, id -> List.of());
    repositories = store.repositories();
  }

  void serve() throws IOException {
    DistributionApi api =
        new DistributionApi(
            repositories, Gate.OPEN, exchange -> exchange.respond(404, Map.of(), new byte[0]));
    front = HttpFront.open(new Listening("127.0.0.1", 0, null), api);
    base = "http://" + host();
  }

  @AfterEach
  void close() throws IOException {
    http.shutdownNow();
    front.close();
    store.close();
    assertThat(names("snapshots")).isEmpty();
  }

  List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("images").resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  String host() {
    return "127.0.0.1:" + front.port();
  }

  /** Sends a request; the body may be null, and headers are names and values. */
  HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers)
      throws Exception {
    String url = path.startsWith("http") ? path : base + path;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(60))
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return send("GET", path, null, headers);
  }

  static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  static void assertRefused(HttpResponse<byte[]> answer, int status, String code) {
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
    assertThat(text(answer)).contains("\"code\":\"" + code + "\"");
  }

  static byte[] noise(int seed, int size) {
    byte[] noise = new byte[size];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  static Digest digest(byte[] content) {
    return digest("SHA-256", content);
  }

  static Digest digest(String algorithm, byte[] content) {
    try {
      String hex = HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
      return new Digest(algorithm.equals("SHA-256") ? "sha256" : "sha512", hex);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins an upload; returns where it goes on. */
  String begin(String name) throws Exception {
    HttpResponse<byte[]> answer = send("POST", "/v2/" + name + "/blobs/uploads/", null);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(202);
    return header(answer, "Location");
  }

  Digest pushBlob(String name, byte[] content) throws Exception {
    Digest digest = digest(content);
    HttpResponse<byte[]> answer = send("PUT", begin(name) + "?digest=" + digest, content);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(201);
    return digest;
  }

  static String descriptor(String type, byte[] content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest(content), content.length);
  }

  /** A manifest of a config and layers; {@code more} are further members. */
  static byte[] manifest(byte[] config, String more, byte[]... layers) {
    String list =
        String.join(",", Stream.of(layers).map(layer -> descriptor(LAYER, layer)).toList());
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
        .formatted(OCI_MANIFEST, descriptor(CONFIG, config), list, more)
        .getBytes(StandardCharsets.UTF_8);
  }

  HttpResponse<byte[]> pushManifest(String name, String reference, byte[] manifest)
      throws Exception {
    return send(
        "PUT", "/v2/" + name + "/manifests/" + reference, manifest, "Content-Type", OCI_MANIFEST);
  }

  /** Pushes a whole image of some layers; returns its manifest. */
  byte[] pushImage(String name, String tag, byte[]... layers) throws Exception {
    byte[] config =
        ("{\"made\":\"for " + name + ":" + tag + "\"}").getBytes(StandardCharsets.UTF_8);
    pushBlob(name, config);
    for (byte[] layer : layers) {
      pushBlob(name, layer);
    }
    byte[] manifest = manifest(config, "", layers);
    HttpResponse<byte[]> answer = pushManifest(name, tag, manifest);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(201);
    return manifest;
  }

  boolean isOnDisk(Digest digest) {
    return Files.exists(
        temp.resolve("images/blobs").resolve(digest.algorithm()).resolve(digest.hex()));
  }
}
