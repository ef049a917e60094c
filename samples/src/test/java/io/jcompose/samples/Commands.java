package io.jcompose.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the project's own programs: the distribution's command line and the scripts. The environment
 * given is added to this process's. Immutable.
 */
record Commands(Path home, Map<String, String> environment) {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** How a command ended and what it wrote. */
  record Result(int exitCode, String out, String err) {
    @Override
    public String toString() {
      return "exit code " + exitCode + "\n" + out + err;
    }
  }

  /** Runs jcompose in a folder. */
  Result jcompose(Path folder, String... arguments) throws IOException, InterruptedException {
    return run(folder, home.resolve("dist/jcompose/bin/jcompose"), arguments);
  }

  /** Runs a shell's script in a folder; {@code $J} is jcompose there. */
  Result shell(Path folder, String script) throws IOException, InterruptedException {
    String path = home.resolve("dist/jcompose/bin/jcompose").toString();
    return run(folder, Path.of("/bin/sh"), "-c", "export J=" + path + "\n" + script);
  }

  /** Runs a program below the scripts folder. */
  Result script(String name, String... arguments) throws IOException, InterruptedException {
    return run(home, home.resolve("scripts").resolve(name), arguments);
  }

  private Result run(Path folder, Path program, String... arguments)
      throws IOException, InterruptedException {
    // Files, not pipes: an engine that a command starts would hold a pipe open.
    Path out = Files.createTempFile("jcompose-out", ".txt");
    Path err = Files.createTempFile("jcompose-err", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder();
      builder.command(command(program, List.of(arguments))).directory(folder.toFile());
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(builder.command() + " still ran after " + LIMIT);
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static List<String> command(Path program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    return command;
  }
}
