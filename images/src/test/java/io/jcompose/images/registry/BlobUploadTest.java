package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlobUploadTest {
  private static final int SIZE = 300_000;

  @TempDir Path temp;
  private PushRegistry registry;
  private RegistryClient client;
  private Path file;
  private Descriptor blob;

  @BeforeEach
  void start() throws Exception {
    registry = new PushRegistry();
    client =
        new RegistryClient(
            new RegistryConfig(Map.of(), List.of(), List.of(), temp.resolve("none"), key -> null));
    blob(SIZE);
  }

  @AfterEach
  void end() {
    client.close();
    registry.close();
  }

  private void blob(int size) throws IOException {
    byte[] noise = new byte[size];
    new Random(size).nextBytes(noise);
    file = Files.write(temp.resolve("blob"), noise);
    blob = new Descriptor("x", Digest.sha256(NativeSha256.create().digest(noise)), size);
  }

  private ImageTarget target() {
    Map<String, RegistryLogins.Login> logins =
        Map.of(registry.host(), new RegistryLogins.Login("joe", "secret"));
    return client.target(
        ImageReference.parse(registry.host() + "/team/app:1"), new RegistryLogins.OfCaller(logins));
  }

  private byte[] there() {
    return registry.contents.getOrDefault("/v2/team/app/blobs/" + blob.digest(), new byte[0]);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 131_072, SIZE})
  void sendsABlobInOneStream(int size) throws IOException {
    blob(size);
    List<Long> sent = new ArrayList<>();
    assertThat(target().has(blob.digest())).isFalse();
    assertThat(target().upload(blob, file, "", sent::add)).isFalse();
    assertThat(target().has(blob.digest())).isTrue();
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
    assertThat(registry.count("PATCH")).isEqualTo(size == 0 ? 0 : 1);
    assertThat(sent).isSorted();
    assertThat(registry.open()).isZero();
  }

  @Test
  void goesOnAfterACutWhereTheRegistryIs() throws IOException {
    registry.cuts.set(2);
    target().upload(blob, file, "", bytes -> {});
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
    assertThat(registry.count("POST")).isEqualTo(1);
    assertThat(registry.count("PATCH")).isEqualTo(3);
  }

  @Test
  void beginsAnewWhenTheSessionIsLost() throws IOException {
    registry.cuts.set(1);
    registry.fault =
        exchange -> {
          if (exchange.getRequestMethod().equals("GET")) {
            registry.forgetSessions();
          }
          return false;
        };
    target().upload(blob, file, "", bytes -> {});
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
    assertThat(registry.count("POST")).isEqualTo(2);
  }

  @Test
  void triesAgainWhenTheRegistryIsBusy() throws IOException {
    int[] left = {2};
    registry.fault =
        exchange -> {
          boolean fails = !exchange.getRequestURI().getPath().equals("/v2/") && left[0]-- > 0;
          if (fails) {
            PushRegistry.send(exchange, left[0] == 0 ? 503 : 429, "");
          }
          return fails;
        };
    target().upload(blob, file, "", bytes -> {});
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void takesTheBlobFromAnotherRepositoryWhereThatHasIt() throws IOException {
    registry.contents.put("/v2/team/base/blobs/" + blob.digest(), Files.readAllBytes(file));
    assertThat(target().upload(blob, file, "team/base", bytes -> {})).isTrue();
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
    assertThat(registry.count("PATCH")).isZero();
  }

  @Test
  void sendsWhatIsNotToBeHadElsewhere() throws IOException {
    assertThat(target().upload(blob, file, "team/base", bytes -> {})).isFalse();
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
    assertThat(registry.count("POST")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | PermissionDenied | push access denied for HOST/team/app: unauthorized: why; log in",
        "403 | PermissionDenied | push access denied for HOST/team/app: denied: why; log in",
        "404 | NotFound | HOST has no such repository, or lost what was sent: why",
        "413 | InvalidArgument | does not take a blob of 300000 bytes: HTTP 413 why; the registry, or a proxy",
        "405 | InvalidArgument | does not take a blob of 300000 bytes: HTTP 405 why",
        "429 | Unavailable | toomanyrequests: why; try later",
        "500 | Unavailable | tried http://HOST: HTTP 500 why",
      })
  void tellsWhyTheRegistryRefuses(int status, String kind, String text) {
    registry.fault =
        exchange -> {
          boolean fails = exchange.getRequestMethod().equals("POST");
          if (fails) {
            PushRegistry.send(exchange, status, PushRegistry.error("why"));
          }
          return fails;
        };
    assertThatThrownBy(() -> target().upload(blob, file, "", bytes -> {}))
        .isInstanceOf(JcomposeException.class)
        .hasMessageContaining(text.replace("HOST", registry.host()))
        .matches(e -> e.getClass().getSimpleName().equals(kind));
  }

  /** A proxy's limit: it answers before it has read, and closes. */
  @Test
  void hearsTheAnswerToWhatIsNotReadToItsEnd() throws IOException {
    blob(50_000_000);
    registry.fault =
        exchange -> {
          boolean fails = exchange.getRequestMethod().equals("PATCH");
          if (fails) {
            exchange.getResponseHeaders().set("Connection", "close");
            PushRegistry.send(exchange, 413, "");
          }
          return fails;
        };
    assertThatThrownBy(() -> target().upload(blob, file, "", bytes -> {}))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("does not take a blob of 50000000 bytes: HTTP 413;");
    assertThat(registry.count("DELETE")).isEqualTo(1);
  }

  @Test
  void asksForATokenToPushAndPull() throws IOException {
    List<String> scopes = new CopyOnWriteArrayList<>();
    registry.fault = exchange -> wantsToken(exchange, scopes);
    target().upload(blob, file, "team/base", bytes -> {});
    assertThat(there()).isEqualTo(Files.readAllBytes(file));
    assertThat(scopes)
        .containsExactly(
            "Basic service=x&scope=repository:team/app:pull,push&scope=repository:team/base:pull",
            "Basic service=x&scope=repository:team/app:pull,push");
  }

  private boolean wantsToken(HttpExchange exchange, List<String> scopes) throws IOException {
    String login = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    if (exchange.getRequestURI().getPath().equals("/token")) {
      scopes.add(login.split(" ")[0] + " " + exchange.getRequestURI().getQuery());
      PushRegistry.send(exchange, 200, "{\"token\":\"t\",\"expires_in\":300}");
      return true;
    }
    if (login.equals("Bearer t") || exchange.getRequestURI().getPath().equals("/v2/")) {
      return false;
    }
    exchange
        .getResponseHeaders()
        .set(
            "WWW-Authenticate",
            "Bearer realm=\"http://%s/token\",service=\"x\",scope=\"repository:team/app:pull\""
                .formatted(registry.host()));
    PushRegistry.send(exchange, 401, "");
    return true;
  }

  @Test
  void showsNoLoginToWhereTheUploadIsSent() throws IOException {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (PushRegistry store = new PushRegistry()) {
      store.fault =
          exchange -> {
            seen.add(
                exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(exchange.getRequestMethod().equals("PUT") ? 201 : 202, -1);
            return true;
          };
      registry.fault =
          exchange -> {
            if (!exchange.getRequestMethod().equals("POST")) {
              return false;
            }
            if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
              exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
              PushRegistry.send(exchange, 401, "");
              return true;
            }
            exchange.getResponseHeaders().set("Location", "http://" + store.host() + "/u?a=1");
            exchange.sendResponseHeaders(202, -1);
            return true;
          };
      target().upload(blob, file, "", bytes -> {});
      assertThat(seen).containsExactly("PATCH null", "PUT null");
      assertThat(store.requests).last().asString().startsWith("PUT /u?a=1&digest=sha256%3A");
    }
  }

  @Test
  void aManifestHasTheRegistrysWordThatItIsTheSame() {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor manifest =
        new Descriptor("x/y", Digest.sha256(NativeSha256.create().digest(body)), body.length);
    target().manifest(manifest, body);
    assertThat(registry.contents).containsKey("/v2/team/app/manifests/1");
    registry.fault =
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Docker-Content-Digest", "sha256:0");
          exchange.sendResponseHeaders(201, -1);
          return true;
        };
    assertThatThrownBy(() -> target().manifest(manifest, body))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("has made another manifest");
  }
}
