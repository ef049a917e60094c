package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.jcompose.samples.Commands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * The distribution in this JVM's test host: one engine with a root of its own, and a registry on
 * loopback that stands for docker.io. Closing it stops both and asserts that nothing is left.
 */
final class Stage {
  /** The folder of the whole project: the one that has the scripts. */
  static final Path HOME = home();

  private static final String PORT = "5000";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path root;
  private final Commands commands;
  private final String images;

  /** Starts the registry; skips the test where there is no distribution. */
  Stage(Path root) throws Exception {
    this(root, Map.of());
  }

  /**
   * @param environment for the commands, beside this process's
   */
  Stage(Path root, Map<String, String> environment) throws Exception {
    this.root = root;
    Path program = HOME.resolve("dist/jcompose/bin/jcompose");
    assumeThat(program).as("run `make dist` first, or `make test`, which does").exists();
    Path config = root.resolve("engine.json");
    Files.writeString(config, "{\"registry-mirrors\": [\"http://127.0.0.1:" + PORT + "\"]}");
    Map<String, String> all = new HashMap<>(environment);
    all.put("JCOMPOSE_ROOT", root.toString());
    all.put("JCOMPOSE_CONFIG", config.toString());
    commands = new Commands(HOME, all);
    images = ok(commands.script("make-images")).out().strip();
    ok(commands.script("registry", "start", images, PORT));
  }

  /** Once, at the end. */
  void close() throws Exception {
    stopEngine();
    ok(commands.script("registry", "stop", images, PORT));
    assertThat(commands.script("leftovers", root.toString()).out()).isEmpty();
    assertThat(commands.script("leftovers").out().lines())
        .noneMatch(line -> line.startsWith("table ") || line.startsWith("link "));
  }

  Result jcompose(Path folder, String... arguments) throws Exception {
    return commands.jcompose(folder, arguments);
  }

  /** Runs jcompose and asserts that it ends well. */
  Result ok(Path folder, String... arguments) throws Exception {
    return ok(jcompose(folder, arguments));
  }

  /** Runs one of {@code scripts/} and asserts that it ends well. */
  Result script(String name, String... arguments) throws Exception {
    return ok(commands.script(name, arguments));
  }

  /** Runs a shell's script that ends well, with {@code $J} for jcompose. */
  String shell(Path folder, String script) throws Exception {
    return ok(commands.shell(folder, script)).out();
  }

  /** Runs a shell's script, however it ends. */
  Result tried(Path folder, String script) throws Exception {
    return commands.shell(folder, script);
  }

  private static Result ok(Result result) {
    assertThat(result.exitCode()).as(result.toString()).isZero();
    return result;
  }

  /** Tries again until the attempt throws no I/O error. */
  static String eventually(Callable<String> attempt) throws Exception {
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

  /** Ends the engine, and leaves alone what runs; the next command starts another. */
  void stopEngine() throws Exception {
    end(ProcessHandle::destroy);
  }

  /** Ends it with SIGKILL, which it does not notice. */
  void killEngine() throws Exception {
    end(ProcessHandle::destroyForcibly);
  }

  private void end(Consumer<ProcessHandle> signal) throws Exception {
    Optional<Path> lock;
    try (var files = Files.find(root, 2, (path, facts) -> path.endsWith("engine.lock"))) {
      lock = files.findFirst();
    }
    if (lock.isEmpty()) {
      return;
    }
    String digits = Files.readString(lock.get()).lines().findFirst().orElse("").strip();
    if (digits.isEmpty()) {
      return; // it has ended by itself
    }
    if (!digits.matches("\\d+")) {
      fail("%s holds no pid but: %s", lock.get(), digits);
    }
    Optional<ProcessHandle> engine = ProcessHandle.of(Long.parseLong(digits));
    engine.ifPresent(signal);
    eventually(
        () -> {
          if (engine.isPresent() && engine.get().isAlive()) {
            throw new IOException("the engine still runs");
          }
          return "stopped";
        });
  }

  /** The one file of the state root that fits the glob. */
  Path stateFile(String glob) throws IOException {
    Path state = root.resolve("lib");
    PathMatcher matcher = state.getFileSystem().getPathMatcher("glob:" + state + "/" + glob);
    try (var files = Files.find(state, 3, (path, facts) -> matcher.matches(path))) {
      return files.findFirst().orElseThrow();
    }
  }

  private static Path home() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("scripts/make-images"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
