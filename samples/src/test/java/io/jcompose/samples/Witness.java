package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A project of somebody else on the same host, who must notice nothing of what is done to others:
 * it serves, its health stays good, its containers and the engine are the same.
 */
final class Witness {
  private static final int PORT = 18950;
  private static final String PROJECT =
      """
      services:
        web:
          image: busybox
          command: sh -c 'mkdir /www; echo served >/www/index.html; exec httpd -f -p 80 -h /www'
          stop_signal: SIGKILL
          restart: always
          ports: ["127.0.0.1:%d:80"]
          healthcheck: {test: wget -q -O /dev/null http://web/, interval: 1s, timeout: 20s, start_period: 60s}
        ticker:
          image: busybox
          command: sh -c 'i=0; while :; do echo tick $$i; i=$$((i+1)); usleep 100000; done'
          stop_signal: SIGKILL
          restart: always
          depends_on: {web: {condition: service_healthy}}
      """
          .formatted(PORT);

  private final Stage stage;
  private final Path root;
  private final Path folder;
  private String engine;
  private final String containers;

  Witness(Stage stage, Path root) throws Exception {
    this.stage = stage;
    this.root = root;
    folder = Files.createDirectory(root.resolve("witness"));
    Files.writeString(folder.resolve("compose.yaml"), PROJECT);
    stage.ok(folder, "up", "-d", "--wait");
    engine = engine();
    containers = containers();
  }

  private String engine() throws IOException {
    return Files.readString(root.resolve("lib/engine.lock"));
  }

  private String containers() throws Exception {
    return stage.ok(folder, "ps", "-q", "--no-trunc").out();
  }

  void noticedNothing() throws Exception {
    String before = engine;
    engine = engine(); // the next attack is judged by itself
    assertThat(engine).as("the engine is the same process").isEqualTo(before);
    assertThat(containers()).isEqualTo(containers);
    assertThat(stage.ok(folder, "ps", "-a").out()).contains("(healthy)");
    String inspected = stage.ok(folder, "inspect", "web", "ticker").out();
    assertThat(inspected.lines().filter(line -> line.contains("\"RestartCount\"")))
        .hasSize(2)
        .allMatch(line -> line.contains(" 0"));
    assertThat(get()).isEqualTo("served\n");
    assertThat(stage.ok(folder, "exec", "-T", "ticker", "echo", "alive").out())
        .isEqualTo("alive\n");
    List<Integer> ticks =
        stage
            .ok(folder, "logs", "--no-log-prefix", "--tail", "200", "ticker")
            .out()
            .lines()
            .map(line -> Integer.valueOf(line.replace("tick ", "")))
            .toList();
    for (int i = 1; i < ticks.size(); i++) {
      assertThat(ticks.get(i)).isEqualTo(ticks.get(i - 1) + 1);
    }
  }

  private static String get() throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/"))
              .timeout(Duration.ofSeconds(20))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  void close() throws Exception {
    stage.ok(folder, "down", "-v");
  }
}
