package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may do what, and that it is remembered over the engine's restarts. */
class LoginIT extends RegistryUnderTest {
  private Registry registry;
  private final byte[] layer = noise(1, 100);

  private static RegistrySettings settings(boolean everybodyReads) {
    return new RegistrySettings("127.0.0.1", 0, List.of(), "", "", everybodyReads, 7, List.of());
  }

  private void serve(boolean everybodyReads) {
    registry = new Registry(temp.resolve("registry"), repositories);
    base = registry.serve(settings(everybodyReads)).address();
  }

  @AfterEach
  @Override
  void close() throws IOException {
    if (registry != null) {
      registry.close();
    }
    super.close();
  }

  private static String basic(String name, String secret) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((name + ":" + secret).getBytes(StandardCharsets.UTF_8));
  }

  private int status(String method, String path, String authorization) throws Exception {
    return authorization.isEmpty()
        ? send(method, path, null).statusCode()
        : send(method, path, null, "Authorization", authorization).statusCode();
  }

  @Test
  void withoutUsersEverybodyOnThisHostMayDoAll() throws Exception {
    serve(false);
    pushImage("app", "1", layer);
    assertThat(status("DELETE", "/v2/app/manifests/1", "")).isEqualTo(202);
  }

  @Test
  void withUsersNobodyElseMay() throws Exception {
    serve(false);
    pushImage("app", "1", layer);
    registry.addUser("ann", "secret");
    HttpResponse<byte[]> answer = get("/v2/");
    assertRefused(answer, 401, "UNAUTHORIZED");
    assertThat(header(answer, "WWW-Authenticate")).isEqualTo("Basic realm=\"jcompose registry\"");
    for (String wrong :
        new String[] {"", basic("ann", "x"), basic("bob", "secret"), "Basic %%", "x"}) {
      assertThat(status("GET", "/v2/app/manifests/1", wrong)).as(wrong).isEqualTo(401);
      assertThat(status("POST", "/v2/app/blobs/uploads/", wrong)).as(wrong).isEqualTo(401);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(status("GET", "/v2/", basic("ann", "secret"))).isEqualTo(200);
      assertThat(status("POST", "/v2/app/blobs/uploads/", basic("ann", "secret"))).isEqualTo(202);
    }
    registry.removeUser("ann");
    registry.addUser("bob", "other");
    assertThat(status("GET", "/v2/", basic("ann", "secret"))).isEqualTo(401);
  }

  @Test
  void withoutUsersOnlyNamesOfThisHostAreServed() throws Exception {
    serve(false);
    int port = Integer.parseInt(base.replaceFirst(".*:", ""));
    for (String name : new String[] {"evil.example", "127.evil.example", "localhost.evil", "x"}) {
      String request = "GET /v2/ HTTP/1.1\r\nHost: " + name + ":" + port + "\r\n\r\n";
      try (SlowReader reader = SlowReader.send(port, request)) {
        assertThat(reader.head).as(name).startsWith("HTTP/1.1 403");
      }
    }
    for (String name : new String[] {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
      String request = "GET /v2/ HTTP/1.1\r\nHost: " + name + ":" + port + "\r\n\r\n";
      try (SlowReader reader = SlowReader.send(port, request)) {
        assertThat(reader.head).as(name).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void aDamagedListOfUsersLetsNobodyIn() throws Exception {
    serve(false);
    registry.addUser("ann", "secret");
    registry.close();
    Path file = temp.resolve("registry/htpasswd");
    Files.writeString(file, ":cut");
    for (int start = 0; start < 2; start++) { // the file stays what it is
      serve(false);
      assertThat(get("/v2/").statusCode()).isEqualTo(401);
      assertThatThrownBy(() -> registry.addUser("bob", "x"))
          .isInstanceOf(JcomposeException.Corrupt.class);
      registry.close();
    }
    assertThat(file).hasContent(":cut");
  }

  @Test
  void aTokenMayOnlyRead() throws Exception {
    serve(false);
    pushImage("app", "1", layer);
    registry.addUser("ann", "secret");
    String token = registry.addToken("ci");
    for (String login : new String[] {basic("anything", token), "Bearer " + token}) {
      assertThat(status("GET", "/v2/app/manifests/1", login)).isEqualTo(200);
      assertThat(status("POST", "/v2/app/blobs/uploads/", login)).isEqualTo(403);
      assertThat(status("DELETE", "/v2/app/manifests/1", login)).isEqualTo(403);
    }
    registry.removeToken("ci");
    assertThat(status("GET", "/v2/app/manifests/1", basic("x", token))).isEqualTo(401);
  }

  @Test
  void whereEverybodyReadsClientsAreAskedForTokens() throws Exception {
    serve(true);
    pushImage("app", "1", layer);
    registry.addUser("ann", "secret");
    HttpResponse<byte[]> ping = get("/v2/");
    String challenge = header(ping, "WWW-Authenticate");
    assertThat(challenge)
        .isEqualTo("Bearer realm=\"" + base + "/token\",service=\"jcompose registry\"");
    assertThat(status("GET", "/v2/app/manifests/1", "")).isEqualTo(200);
    assertThat(status("POST", "/v2/app/blobs/uploads/", "")).isEqualTo(401);
    String nobody = token("");
    assertThat(status("GET", "/v2/", nobody)).isEqualTo(200);
    assertThat(status("GET", "/v2/app/manifests/1", nobody)).isEqualTo(200);
    assertThat(status("POST", "/v2/app/blobs/uploads/", nobody)).isEqualTo(401);
    String ann = token(basic("ann", "secret"));
    assertThat(status("POST", "/v2/app/blobs/uploads/", ann)).isEqualTo(202);
    assertThat(status("GET", "/token", basic("ann", "wrong"))).isEqualTo(401);
    String forged =
        ann.replace(".PUSH.", ".PULL.").replaceFirst("Bearer \\d+", "Bearer 9999999999");
    for (String wrong : new String[] {forged, "Bearer ", "Bearer a.b.c.d.e", "Bearer ....."}) {
      assertThat(status("POST", "/v2/app/blobs/uploads/", wrong)).as(wrong).isEqualTo(401);
    }
  }

  private String token(String login) throws Exception {
    HttpResponse<byte[]> answer =
        login.isEmpty() ? get("/token") : get("/token", "Authorization", login);
    assertThat(answer.statusCode()).isEqualTo(200);
    return "Bearer " + text(answer).replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");
  }

  @Test
  void anAddressOfOtherHostsWantsUsers() {
    registry = new Registry(temp.resolve("registry"), repositories);
    assertThatThrownBy(() -> registry.serve(settings(false).at("0.0.0.0:0")))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("registry user add");
    assertThat(registry.status()).isEmpty();
  }

  @Test
  void isServedAgainByTheNextEngineUntilItIsStopped() throws Exception {
    serve(false);
    int port = Integer.parseInt(base.replaceFirst(".*:", ""));
    registry.serve(settings(false).at("127.0.0.1:" + port));
    registry.close();
    Registry next = new Registry(temp.resolve("registry"), repositories);
    next.resume();
    assertThat(next.status().orElseThrow().address()).endsWith(":" + port);
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
    assertThat(next.stop()).isTrue();
    assertThat(next.stop()).isFalse();
    Registry last = new Registry(temp.resolve("registry"), repositories);
    last.resume();
    assertThat(last.status()).isEmpty();
  }

  @Test
  void whatIsServedGoesOnWhenItCannotBeServedOtherwise() throws Exception {
    serve(false);
    String taken = "127.0.0.1:" + front.port();
    assertThatThrownBy(() -> registry.serve(settings(false).at(taken)))
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessageContaining("Address already in use");
    assertThat(registry.status()).isPresent();
    base = registry.status().orElseThrow().address();
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
  }
}
