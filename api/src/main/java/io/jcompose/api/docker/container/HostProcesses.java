package io.jcompose.api.docker.container;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.ProcessList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The host's {@code ps} with a client's arguments, as Docker calls it; of its lines those of a
 * container's processes are kept. Stateless.
 */
final class HostProcesses {
  private static final long SECONDS = 10;
  private static final int MOST_BYTES = 8 << 20;
  private static final int LONGEST = 4096;

  private HostProcesses() {}

  /**
   * Runs it.
   *
   * @param pids of the container, on the host
   * @throws Refusal (500) with what ps says, or where it shows no ids
   */
  static ProcessList list(String arguments, Set<Long> pids, int most) throws IOException {
    if (arguments.length() > LONGEST || arguments.indexOf('\0') >= 0) {
      throw new Refusal(400, "arguments of ps that no program takes");
    }
    List<String> command = new ArrayList<>(List.of("ps"));
    command.addAll(List.of(arguments.strip().split("\\s+")));
    return parse(run(command), pids, most);
  }

  private static String run(List<String> command) throws IOException {
    Process ps;
    try {
      ps = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.PIPE).start();
    } catch (IOException e) {
      throw new Refusal(500, "ps: the host has no such program");
    }
    try {
      ps.getOutputStream().close();
      CompletableFuture<byte[]> errors = new CompletableFuture<>();
      Thread.ofVirtual().name("ps-errors").start(() -> errors.complete(read(ps.getErrorStream())));
      CompletableFuture<Boolean> _ =
          new CompletableFuture<Boolean>()
              .completeOnTimeout(true, SECONDS, TimeUnit.SECONDS)
              .whenComplete((late, e) -> ps.destroyForcibly());
      byte[] output = read(ps.getInputStream());
      int code = ps.waitFor();
      if (code != 0) {
        String said = new String(errors.join(), StandardCharsets.UTF_8);
        throw new Refusal(500, "ps: " + Refusal.cut(said.lines().findFirst().orElse("" + code)));
      }
      return new String(output, StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      ps.destroyForcibly();
    }
  }

  private static byte[] read(InputStream stream) {
    try (stream) {
      return stream.readNBytes(MOST_BYTES);
    } catch (IOException e) {
      return new byte[0]; // it was ended
    }
  }

  /** The first line has the titles; the last column takes what is left of a line. */
  static ProcessList parse(String output, Set<Long> pids, int most) {
    List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
    List<String> titles = lines.isEmpty() ? List.of() : words(lines.getFirst(), Integer.MAX_VALUE);
    int column = titles.indexOf("PID");
    if (column < 0) {
      throw new Refusal(500, "Couldn't find PID field in ps output");
    }
    List<List<String>> rows =
        lines.stream()
            .skip(1)
            .map(line -> words(line, titles.size()))
            .filter(row -> row.size() > column && isOne(row.get(column), pids))
            .limit(most)
            .toList();
    return new ProcessList(rows, titles);
  }

  private static List<String> words(String line, int most) {
    return List.of(line.strip().split("\\s+", Math.min(most, 1000)));
  }

  private static boolean isOne(String text, Set<Long> pids) {
    return text.matches("[0-9]{1,10}") && pids.contains(Long.parseLong(text));
  }
}
