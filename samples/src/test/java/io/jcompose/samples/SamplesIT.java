package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each sample with the distribution, as its README says. */
class SamplesIT {
  @TempDir static Path root;
  private static Stage stage;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private Path sample;

  @BeforeAll
  static void open() throws Exception {
    stage = new Stage(root);
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage != null) {
      stage.close();
    }
  }

  @AfterEach
  void takeDown() throws Exception {
    stage.ok(sample, "down", "-v", "-t", "2");
    assertThat(stage.ok(sample, "ps", "-a", "-q").out()).isBlank();
  }

  @Test
  void helloServesItsFolder() throws Exception {
    sample = Stage.HOME.resolve("samples/hello");
    stage.ok(sample, "up", "-d");

    assertThat(Stage.eventually(() -> page(8081))).contains("Hello from jcompose");
    assertThat(stage.ok(sample, "ps").out()).contains("hello-web-1");
  }

  @Test
  void buildMakesAnImageOfItsFilesAndKeepsTheSecretOut() throws Exception {
    sample = root.resolve("build");
    Trees.copy(Stage.HOME.resolve("samples/build"), sample);
    String secret = "only-for-this-test-" + System.nanoTime();
    Files.writeString(sample.resolve("signature.txt"), secret);
    Result first = stage.ok(sample, "--progress", "plain", "up", "-d", "--wait");
    assertThat(first.toString()).contains("index.txt made", "second.txt made");
    assertThat(Stage.eventually(() -> page(8084)))
        .contains("<h1>Built by jcompose</h1>", "The first page.");

    Files.writeString(sample.resolve("pages/index.txt"), "Changed.");
    Result second = stage.ok(sample, "--progress", "plain", "up", "-d", "--wait", "--build");
    assertThat(second.toString()).contains("index.txt made", "second.txt from the cache");
    assertThat(Stage.eventually(() -> page(8084))).contains("Changed.");
    Result third = stage.ok(sample, "--progress", "plain", "up", "-d", "--build");
    assertThat(third.toString()).doesNotContain("index.txt").doesNotContain("Recreated");

    assertThat(stage.shell(sample, "grep -rls " + secret + " " + root.resolve("lib") + " || :"))
        .isEmpty();
    assertThat(stage.ok(sample, "image", "history", "--no-trunc", "build-web").toString())
        .contains("EXPOSE [8000/tcp]")
        .doesNotContain(secret);
  }

  @Test
  void shopCountsVisitsAndOutlivesItsDatabasesCrash() throws Exception {
    sample = Stage.HOME.resolve("samples/shop");
    stage.ok(sample, "up", "-d", "--wait");

    assertThat(Stage.eventually(() -> page(8080))).contains("visits: 1\n", "orders: 1\n");
    assertThat(page(8080)).contains("visits: 2\n", "orders: 2\n");

    stage.jcompose(sample, "exec", "-T", "db", "sh", "-c", "kill -QUIT 1");
    assertThat(Stage.eventually(() -> page(8080))).containsPattern("orders: [3-9]");

    stage.ok(sample, "down");
    stage.ok(sample, "up", "-d", "--wait");
    assertThat(Stage.eventually(() -> page(8080)))
        .contains("visits: 1\n")
        .containsPattern("orders: ([4-9]|1\\d)");
  }

  @Test
  void aDamagedStateIsToldAndMadeGoodByUp() throws Exception {
    sample = Stage.HOME.resolve("samples/hello");
    for (String kind :
        List.of("containers/*/container.json", "networks/*.json", "projects/hello.json")) {
      stage.ok(sample, "up", "-d");
      stage.stopEngine();
      Path file = stage.stateFile(kind);
      Files.writeString(file, "{}");

      String told = "WARNING: damaged and set aside: " + file + ".damaged";
      Stage.eventually(() -> containing(told, stage.ok(sample, "system", "info").out()));
      stage.ok(sample, "up", "-d", "--force-recreate");
      assertThat(Stage.eventually(() -> page(8081))).as(kind).contains("Hello from jcompose");
      stage.ok(sample, "down");
      assertThat(stage.ok(sample, "system", "prune", "-f").out())
          .contains("Deleted Damaged Files:\n" + file + ".damaged");
      assertThat(stage.ok(sample, "system", "info").out()).doesNotContain("damaged");
    }
  }

  @Test
  void shopKeepsItsFrontFromItsBack() throws Exception {
    sample = Stage.HOME.resolve("samples/shop");
    stage.ok(sample, "up", "-d", "--wait");

    stage.ok(sample, "exec", "-T", "web", "getent", "hosts", "app");
    Result unknown = stage.jcompose(sample, "exec", "-T", "web", "getent", "hosts", "db");
    assertThat(unknown.exitCode()).as(unknown.toString()).isEqualTo(2);
  }

  @Test
  void devEnvShowsAnEditAtOnce(@TempDir Path folder) throws Exception {
    sample = folder.resolve("dev-env");
    Trees.copy(Stage.HOME.resolve("samples/dev-env"), sample);
    stage.ok(sample, "up", "-d");
    assertThat(Stage.eventually(() -> page(8082))).startsWith("Hello! This text comes from");

    Files.writeString(sample.resolve("src/message.txt"), "Edited.");

    assertThat(page(8082)).isEqualTo("Hello! Edited.");
  }

  @Test
  void limitsAreSeenFromInsideAndHold() throws Exception {
    sample = Stage.HOME.resolve("samples/limits");
    stage.ok(sample, "up", "-d");

    String logs =
        Stage.eventually(() -> containing("ready", stage.ok(sample, "logs", "show").out()));
    assertThat(logs).contains("memory: 33554432", "pids: 20", "nofile: 256");
    assertThat(logs).containsPattern("cpu: 50000 100000|cpu-quota: 50000");

    assertThat(stage.jcompose(sample, "run", "--rm", "-T", "greedy").exitCode()).isEqualTo(137);
  }

  private String page(int port) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
            .timeout(Duration.ofSeconds(10))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode() + ": " + response.body());
    }
    return response.body();
  }

  private static String containing(String part, String text) throws IOException {
    if (!text.contains(part)) {
      throw new IOException("no " + part + " in: " + text);
    }
    return text;
  }
}
