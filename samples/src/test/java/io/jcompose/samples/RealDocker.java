package io.jcompose.samples;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The real {@code docker} command line with its compose plug-in, on the engine of a stage. */
record RealDocker(Stage stage, Path program, Path config) {
  private static final String PLUGINS = "libexec/docker/cli-plugins";

  /** Skips the tests where there is none: in PATH, or by {@code bench/peers install}. */
  static RealDocker require(Path root) throws Exception {
    requireProgram();
    return on(new Stage(root), root);
  }

  private static Path requireProgram() {
    Optional<Path> program = find("docker", "bin");
    assumeThat(program).as("a docker command line: in PATH, or by bench/peers install").isPresent();
    return program.orElseThrow();
  }

  /** On an engine that is there; skips the tests as {@link #require} does. */
  static RealDocker on(Stage stage, Path root) throws Exception {
    Path program = requireProgram();
    Path config = Files.createDirectory(root.resolve("docker-config"));
    Path plugins = Files.createDirectory(config.resolve("cli-plugins"));
    for (String name : List.of("docker-compose", "docker-buildx")) {
      find(name, PLUGINS).ifPresent(plugin -> link(plugins.resolve(name), plugin));
    }
    return new RealDocker(stage, program, config);
  }

  private static void link(Path link, Path target) {
    try {
      Files.createSymbolicLink(link, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> find(String name, String below) {
    String peers =
        System.getenv().getOrDefault("JCOMPOSE_PEERS", "/var/cache/jcompose-bench/peers");
    Stream<Path> inPath = Stream.of(System.getenv("PATH").split(":")).map(Path::of);
    return Stream.concat(inPath, Stream.of(Path.of("/usr", below), Path.of(peers, "usr", below)))
        .map(place -> place.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Skips a test where a plug-in, compose or buildx, is not installed. */
  void requirePlugin(String name) {
    assumeThat(config.resolve("cli-plugins/docker-" + name))
        .as("docker's %s plug-in: installed, or by bench/peers install", name)
        .exists();
  }

  /** Runs a script in which {@code docker} is the real one, on our socket; its output. */
  String shell(Path folder, String script) throws Exception {
    return stage.shell(
        folder,
        "export DOCKER_HOST=unix://$($J engine status | sed -n 's/^Socket: *//p')\n"
            + "export DOCKER_CONFIG="
            + config
            + "\ndocker() { '"
            + program
            + "' \"$@\"; }\n"
            + script);
  }
}
