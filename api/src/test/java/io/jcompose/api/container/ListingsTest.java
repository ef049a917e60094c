package io.jcompose.api.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code ps} is Compose's, {@code container ls} docker's. */
class ListingsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final List<ContainerView> views = List.of(container("p-a-1", 90), container("p-b-1", 5));
  private final Listings listings =
      new Listings(
          null,
          port(Containers.class),
          port(Images.class),
          port(Activity.class),
          null,
          Clock.fixed(NOW, ZoneId.of("UTC")));

  private String list(String options) {
    String json = "{\"options\": {" + options + "}}";
    return listings.renderPs(CommandRequest.parse(json.getBytes(StandardCharsets.UTF_8)), views);
  }

  @Test
  void dockersListHasDockersColumnsTheNewestFirst() {
    assertThat(list("\"docker\": true"))
        .isEqualTo(
            """
            CONTAINER ID   IMAGE     COMMAND   CREATED              STATUS         PORTS     NAMES
            p-b-1p-b-1p-   busybox   "sh"      5 seconds ago        Up 3 seconds             p-b-1
            p-a-1p-a-1p-   busybox   "sh"      About a minute ago   Up 3 seconds             p-a-1
            """);
    assertThat(list("")).startsWith("NAME      IMAGE     COMMAND   SERVICE");
  }

  @Test
  void dockersListCutsItsIds() {
    assertThat(list("\"docker\": true, \"quiet\": true")).isEqualTo("p-b-1p-b-1p-\np-a-1p-a-1p-\n");
    assertThat(list("\"docker\": true, \"quiet\": true, \"no-trunc\": true"))
        .startsWith("p-b-1".repeat(8) + "\n");
    assertThat(list("\"quiet\": true")).startsWith("p-a-1".repeat(8) + "\n");
  }

  @Test
  void dockersListHasDockersMembers() {
    assertThat(list("\"docker\": true, \"format\": \"{{.Names}} {{.CreatedAt}}\""))
        .startsWith("p-b-1 2026-01-02 03:04:00 +0000 UTC\n");
    assertThat(list("\"docker\": true, \"format\": \"json\""))
        .contains("\"Names\":\"p-b-1\"")
        .doesNotContain("Service", "Publishers");
    assertThat(list("\"format\": \"{{.Service}}{{.Name}}\"")).startsWith("p-a-1\n");
    assertThatThrownBy(() -> list("\"docker\": true, \"format\": \"{{.Service}}\""))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  private static ContainerView container(String name, long seconds) {
    return new ContainerView(
        name.repeat(8),
        ContainerSpec.of(name, "busybox"),
        "sha256:" + "b".repeat(64),
        ContainerView.State.RUNNING,
        42,
        0,
        false,
        "",
        NOW.minusSeconds(seconds),
        NOW.minusSeconds(3),
        null,
        0,
        false,
        ContainerView.HealthStatus.NONE,
        List.of(),
        List.of(),
        List.of("sh"),
        Map.of(),
        Duration.ZERO);
  }

  /** Has nothing. */
  private static <T> T port(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                method.getReturnType() == Optional.class ? Optional.empty() : null));
  }
}
