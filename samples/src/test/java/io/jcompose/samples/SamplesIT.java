package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.jcompose.samples.Commands.Result;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs each sample with the distribution, as its README says, in this JVM's test host: one engine
 * with a root of its own, and a registry on loopback that stands for docker.io.
 */
class SamplesIT {
  private static final Path HOME = home();
  private static final String PORT = "5000";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path root;
  private static Commands commands;
  private static String images;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private Path sample;

  @BeforeAll
  static void startRegistry() throws Exception {
    Path program = HOME.resolve("dist/jcompose/bin/jcompose");
    assumeThat(program).as("run `make dist` first, or `make test`, which does").exists();
    Path config = root.resolve("engine.json");
    Files.writeString(config, "{\"registry-mirrors\": [\"http://127.0.0.1:" + PORT + "\"]}");
    Map<String, String> environment =
        Map.of("JCOMPOSE_ROOT", root.toString(), "JCOMPOSE_CONFIG", config.toString());
    commands = new Commands(HOME, environment);
    images = ok(commands.script("make-images")).out().strip();
    ok(commands.script("registry", "start", images, PORT));
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (commands == null) {
      return; // no distribution, so nothing was started
    }
    stopEngine();
    ok(commands.script("registry", "stop", images, PORT));
    assertThat(commands.script("leftovers", root.toString()).out()).isEmpty();
    assertThat(commands.script("leftovers").out().lines())
        .noneMatch(line -> line.startsWith("table ") || line.startsWith("link "));
  }

  @AfterEach
  void takeDown() throws Exception {
    ok(commands.jcompose(sample, "down", "-v", "-t", "2"));
    assertThat(ok(commands.jcompose(sample, "ps", "-a", "-q")).out()).isBlank();
  }

  @Test
  void helloServesItsFolder() throws Exception {
    sample = HOME.resolve("samples/hello");
    ok(commands.jcompose(sample, "up", "-d"));

    assertThat(eventually(() -> page(8081))).contains("Hello from jcompose");
    assertThat(ok(commands.jcompose(sample, "ps")).out()).contains("hello-web-1");
  }

  @Test
  void shopCountsVisitsAndOutlivesItsDatabasesCrash() throws Exception {
    sample = HOME.resolve("samples/shop");
    ok(commands.jcompose(sample, "up", "-d", "--wait"));

    assertThat(eventually(() -> page(8080))).contains("visits: 1\n", "orders: 1\n");
    assertThat(page(8080)).contains("visits: 2\n", "orders: 2\n");

    commands.jcompose(sample, "exec", "-T", "db", "sh", "-c", "kill -QUIT 1");
    assertThat(eventually(() -> page(8080))).containsPattern("orders: [3-9]");

    ok(commands.jcompose(sample, "down"));
    ok(commands.jcompose(sample, "up", "-d", "--wait"));
    assertThat(eventually(() -> page(8080)))
        .contains("visits: 1\n")
        .containsPattern("orders: ([4-9]|1\\d)");
  }

  @Test
  void shopKeepsItsFrontFromItsBack() throws Exception {
    sample = HOME.resolve("samples/shop");
    ok(commands.jcompose(sample, "up", "-d", "--wait"));

    ok(commands.jcompose(sample, "exec", "-T", "web", "getent", "hosts", "app"));
    Result unknown = commands.jcompose(sample, "exec", "-T", "web", "getent", "hosts", "db");
    assertThat(unknown.exitCode()).as(unknown.toString()).isEqualTo(2);
  }

  @Test
  void devEnvShowsAnEditAtOnce(@TempDir Path folder) throws Exception {
    sample = folder.resolve("dev-env");
    copy(HOME.resolve("samples/dev-env"), sample);
    ok(commands.jcompose(sample, "up", "-d"));
    assertThat(eventually(() -> page(8082))).startsWith("Hello! This text comes from");

    Files.writeString(sample.resolve("src/message.txt"), "Edited.");

    assertThat(page(8082)).isEqualTo("Hello! Edited.");
  }

  @Test
  void limitsAreSeenFromInsideAndHold() throws Exception {
    sample = HOME.resolve("samples/limits");
    ok(commands.jcompose(sample, "up", "-d"));

    String logs =
        eventually(() -> containing("ready", ok(commands.jcompose(sample, "logs", "show")).out()));
    assertThat(logs).contains("memory: 33554432", "pids: 20", "nofile: 256");
    assertThat(logs).containsPattern("cpu: 50000 100000|cpu-quota: 50000");

    assertThat(commands.jcompose(sample, "run", "--rm", "-T", "greedy").exitCode()).isEqualTo(137);
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

  /** Tries again until the attempt throws no I/O error. */
  private static String eventually(Callable<String> attempt) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return attempt.call();
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  private static Result ok(Result result) {
    assertThat(result.exitCode()).as(result.toString()).isZero();
    return result;
  }

  private static void stopEngine() throws Exception {
    Optional<Path> lock;
    try (var files = Files.find(root, 2, (path, facts) -> path.endsWith("engine.lock"))) {
      lock = files.findFirst();
    }
    if (lock.isPresent()) {
      String digits = Files.readString(lock.get()).lines().findFirst().orElse("").strip();
      if (!digits.matches("\\d+")) {
        fail("%s holds no pid but: %s", lock.get(), digits);
      }
      Optional<ProcessHandle> engine = ProcessHandle.of(Long.parseLong(digits));
      engine.ifPresent(ProcessHandle::destroy);
      eventually(
          () -> {
            if (engine.isPresent() && engine.get().isAlive()) {
              throw new IOException("the engine still runs");
            }
            return "stopped";
          });
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes facts)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
              throws IOException {
            Files.copy(
                file, to.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The folder of the whole project: the one that has the scripts. */
  private static Path home() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("scripts/make-images"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
