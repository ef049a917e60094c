package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images.SearchResult;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistrySearchTest {
  private static final RegistryLogins NOBODY = new RegistryLogins.OfCaller(Map.of());

  private PushRegistry registry;
  private RegistryConfig config;
  private RegistryClient client;

  @BeforeEach
  void start() throws Exception {
    registry = new PushRegistry();
    config = new RegistryConfig(Map.of(), List.of(), List.of(), Path.of("/none"), key -> null);
    client = new RegistryClient(config);
  }

  @AfterEach
  void end() {
    client.close();
    registry.close();
  }

  @Test
  void readsDockerHubsResults() throws Exception {
    registry.fault =
        exchange -> {
          PushRegistry.send(
              exchange,
              200,
              "{\"num_results\":3,\"results\":[{\"name\":\"nginx\",\"description\":\"A server\",\"star_count\":7,\"is_official\":true},{\"name\":\"joe/nginx\",\"star_count\":-1},{\"name\":\"third\"}]}");
          return true;
        };
    try (HttpTransport transport = new HttpTransport(config)) {
      EndpointCaller caller =
          new EndpointCaller(
              transport,
              new Authorizer(transport, LoginSource.of(registryName -> Optional.empty())));
      Endpoint hub =
          new Endpoint(URI.create("http://" + registry.host()), "docker.io", false, "", 1);
      assertThat(new RegistrySearch(caller, hub).hub("nginx & co", 2))
          .containsExactly(
              new SearchResult("nginx", "A server", 7, true),
              new SearchResult("joe/nginx", "", 0, false));
    }
    assertThat(registry.requests).containsExactly("GET /v1/search?q=nginx+%26+co&n=2");
  }

  @Test
  void looksThroughAllPagesOfARegistrysList() {
    registry.fault =
        exchange -> {
          String query = String.valueOf(exchange.getRequestURI().getQuery());
          if (!exchange.getRequestURI().getPath().equals("/v2/_catalog")) {
            return false;
          }
          boolean first = !query.contains("last=");
          if (first) {
            exchange.getResponseHeaders().set("Link", "</v2/_catalog?last=b&n=1000>; rel=\"next\"");
          }
          PushRegistry.send(
              exchange,
              200,
              first
                  ? "{\"repositories\":[\"team/app\",\"b\"]}"
                  : "{\"repositories\":[\"x/app-2\",\"z\"]}");
          return true;
        };
    assertThat(client.search(registry.host() + "/app", 25, NOBODY))
        .extracting(SearchResult::name)
        .containsExactly(registry.host() + "/team/app", registry.host() + "/x/app-2");
    assertThat(client.search(registry.host() + "/app", 1, NOBODY)).hasSize(1);
  }

  @Test
  void followsNoLinkToElsewhereAndTellsWhatIsNotShown() {
    registry.fault =
        exchange -> {
          if (!exchange.getRequestURI().getPath().equals("/v2/_catalog")) {
            return false;
          }
          exchange
              .getResponseHeaders()
              .set("Link", "<http://127.0.0.1:1/v2/_catalog>; rel=\"next\"");
          PushRegistry.send(exchange, 200, "{\"repositories\":[\"app\"]}");
          return true;
        };
    assertThat(client.search(registry.host() + "/", 25, NOBODY)).hasSize(1);
    registry.fault = exchange -> false;
    assertThatThrownBy(() -> client.search(registry.host() + "/app", 25, NOBODY))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("does not show what repositories it has: not here; log in by");
  }
}
