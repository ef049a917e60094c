package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointCallerTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer registry;
  private HttpServer elsewhere;
  private HttpTransport transport;
  private EndpointCaller caller;

  @BeforeEach
  void start() throws Exception {
    elsewhere = server();
    registry = server();
    transport =
        new HttpTransport(
            new RegistryConfig(Map.of(), List.of(), List.of(), Path.of("/none.json"), key -> null));
    RegistryLogins.OfCaller logins =
        new RegistryLogins.OfCaller(Map.of("registry", new RegistryLogins.Login("joe", "s")));
    caller = new EndpointCaller(transport, new Authorizer(transport, LoginSource.of(logins::find)));
  }

  @AfterEach
  void end() {
    transport.close();
    registry.stop(0);
    elsewhere.stop(0);
  }

  private static HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    return server;
  }

  private static String at(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange, int status, String header, String value)
      throws IOException {
    String login = exchange.getRequestHeaders().getFirst("Authorization");
    asked.add(exchange.getRequestURI().getPath() + " " + (login == null ? "nothing" : "a login"));
    exchange.getResponseHeaders().set(header, value);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  /** A store of blobs must not get what is the registry's by asking for it. */
  @Test
  void whoTheRegistrySendsUsToCannotAskForItsLogin() {
    registry.createContext("/", e -> answer(e, 307, "Location", at(elsewhere) + "/blob"));
    String bearer = "Bearer realm=\"" + at(elsewhere) + "/token\",service=\"x\"";
    elsewhere.createContext("/", e -> answer(e, 401, "WWW-Authenticate", bearer));
    Endpoint endpoint = new Endpoint(URI.create(at(registry)), "registry", false, "", 1);
    EndpointCaller.Call call = new EndpointCaller.Call("app", "GET", "app/blobs/x", Map.of());
    assertThatThrownBy(() -> caller.call(endpoint, call, 1))
        .isInstanceOf(RegistryFailure.class)
        .hasMessageContaining("127.0.0.1, where the registry sends us, wants a login");
    assertThat(asked).hasSize(2).allMatch(line -> line.endsWith(" nothing"));
    assertThat(asked).last().isEqualTo("/blob nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a/b", "a b", "joe@host", "[::::]", "127.0.0.1:99999", "-", "..", "a:"})
  void whatIsNoRegistryGetsNoLogin(String name) {
    RegistryConfig config =
        new RegistryConfig(Map.of(), List.of(), List.of(), Path.of("/none.json"), key -> null);
    try (RegistryClient client = new RegistryClient(config)) {
      assertThatThrownBy(() -> client.checkLogin(name, new RegistryLogins.Login("joe", "s")))
          .isInstanceOf(JcomposeException.class)
          .isNotInstanceOf(JcomposeException.Internal.class);
    }
  }
}
