package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** As {@link DrivenByTestcontainers}, with a stack by the real {@code docker compose} in PATH. */
@Timeout(60)
class StackByTestcontainers {
  @Test
  void aStackComesUpAndIsReached() throws Exception {
    try (ComposeContainer stack =
        new ComposeContainer(new File(System.getenv("STACK")))
            .withEnv("WHO", "the test")
            .withExposedService("web", 80, Wait.forHttp("/index.html"))
            .waitingFor("job", Wait.forLogMessage(".*began.*", 1))) {
      stack.start();
      URI address =
          URI.create(
              "http://"
                  + stack.getServiceHost("web", 80)
                  + ":"
                  + stack.getServicePort("web", 80)
                  + "/index.html");
      try (HttpClient client = HttpClient.newHttpClient()) {
        assertThat(
                client
                    .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body())
            .isEqualTo("the test\n");
      }
      assertThat(stack.getContainerByServiceName("job").orElseThrow().getLogs())
          .isEqualTo("began\n");
    }
  }
}
