package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.RegistryLogins;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorizerTest {
  private static final Authorizer.Scope X = Authorizer.Scope.pull("x");

  @TempDir Path temp;
  private final List<String> logins = new ArrayList<>();
  private HttpServer server;
  private HttpTransport transport;
  private Authorizer authorizer;
  private Path config;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          logins.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          byte[] token = "{\"token\":\"t\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, token.length);
          exchange.getResponseBody().write(token);
          exchange.close();
        });
    server.start();
    config = temp.resolve("config.json");
    login("{\"auths\":{\"registry\":{\"username\":\"joe\",\"password\":\"s\"}}}");
    RegistryConfig settings =
        new RegistryConfig(Map.of(), List.of(), List.of(), config, key -> null);
    transport = new HttpTransport(settings);
    authorizer = new Authorizer(transport, new Credentials(config));
  }

  @AfterEach
  void end() {
    transport.close();
    server.stop(0);
  }

  private void login(String text) throws Exception {
    Files.writeString(config, text);
  }

  private Endpoint endpoint(String host) {
    URI base = URI.create("http://" + host + ":" + server.getAddress().getPort());
    return new Endpoint(base, "registry", false, "", 1);
  }

  private String bearer() {
    return "Bearer realm=\"http://127.0.0.1:" + server.getAddress().getPort() + "/token\"";
  }

  @Test
  void sendsTheLoginToTheRegistrysOwnRealm() throws Exception {
    assertThat(authorizer.answer(endpoint("127.0.0.1"), X, null, List.of(bearer())))
        .isEqualTo("Bearer t");
    assertThat(logins).containsExactly(Authorizer.basic(new RegistryLogins.Login("joe", "s")));
  }

  @Test
  void sendsNoLoginToAForeignRealmWithoutTls() throws Exception {
    assertThat(authorizer.answer(endpoint("registry.test"), X, null, List.of(bearer())))
        .isEqualTo("Bearer t");
    assertThat(logins).containsExactly("null");
  }

  @Test
  void aLoginThatWouldNotBeSentIsNotSaidToBeGood() {
    assertThatThrownBy(
            () ->
                authorizer.answer(
                    endpoint("registry.test"), Authorizer.Scope.pull(""), null, List.of(bearer())))
        .hasMessageContaining("refusing to send a login without TLS to 127.0.0.1");
    assertThat(logins).isEmpty();
  }

  @Test
  void forgetsALoginWithTheLogout() throws Exception {
    Endpoint endpoint = endpoint("127.0.0.1");
    List<String> basic = List.of("Basic realm=x");
    String header = authorizer.answer(endpoint, X, null, basic);
    assertThat(header).startsWith("Basic ");
    assertThat(authorizer.known(endpoint, X)).isEqualTo(header);
    login("{}");
    assertThat(authorizer.known(endpoint, X)).isNull();
    assertThat(authorizer.answer(endpoint, X, null, basic)).isNull();
  }
}
