package io.jcompose.api.docker.image;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Work whose client is told of it by lines of JSON while it waits. */
final class JsonProgress {
  private static final Pattern EXIT_CODE =
      Pattern.compile("did not complete successfully: exit code: ([0-9]{1,3})");

  private static final Set<String> MOVING = Set.of("Downloading", "Extracting", "Pushing");
  private static final int WIDTH = 50;

  private JsonProgress() {}

  /** The work. */
  interface Work {
    void run(ProgressLines progress, LateStream output) throws IOException;
  }

  /**
   * Carries it out. Errors before the first line are an answer of their own; later ones are the
   * last line.
   *
   * @param rows makes the lines of a report's members; none for what clients are not told
   */
  static void carryOut(
      Call call,
      RegistryLogins logins,
      Function<Map<String, Object>, List<Map<String, Object>>> rows,
      Work work)
      throws IOException {
    Thread worker = Thread.currentThread();
    LateStream output = new LateStream(call.exchange(), Call.JSON, worker::interrupt);
    ProgressLines progress =
        new ProgressLines(
            members -> rows.apply(members).forEach(line -> line(output, line)), logins);
    try {
      work.run(progress, output);
    } catch (RuntimeException e) {
      progress.flush();
      Matcher code = EXIT_CODE.matcher(Refusal.message(e));
      boolean ran = code.find(); // a command, whose exit code has no place in an answer of its own
      if (!call.exchange().isStarted() && !ran) {
        throw e;
      }
      ApiError.log(e);
      Map<String, Object> error = new LinkedHashMap<>();
      Map<String, Object> detail = new LinkedHashMap<>();
      if (ran) {
        detail.put("code", Integer.parseInt(code.group(1)));
      }
      detail.put("message", Refusal.message(e));
      error.put("errorDetail", detail);
      error.put("error", Refusal.message(e));
      line(output, error);
    } finally {
      progress.gone();
    }
  }

  /** Writes a line, from any thread. */
  static void line(LateStream output, Map<String, Object> document) {
    byte[] bytes = (JsonText.of(document) + "\r\n").getBytes(StandardCharsets.UTF_8);
    synchronized (output) { // rows come on a thread of their own
      try {
        output.write(bytes);
      } catch (IOException e) {
        throw new JcomposeException.Cancelled("the client has left");
      }
    }
  }

  /** The line that clients show which count nothing themselves. */
  private static String bar(long current, long total) {
    if (total <= 0 || current > total) {
      return HumanText.size(current);
    }
    int done = (int) (WIDTH * current / total);
    return "["
        + "=".repeat(done)
        + ">"
        + " ".repeat(WIDTH - done)
        + "]  "
        + HumanText.size(current)
        + "/"
        + HumanText.size(total);
  }

  /** A layer's row in Docker's members; nothing of other rows. */
  static List<Map<String, Object>> layer(Map<String, Object> members) {
    if (!members.containsKey("parent_id")) {
      return List.of();
    }
    boolean moves = MOVING.contains(String.valueOf(members.get("status")));
    Map<String, Object> detail = new LinkedHashMap<>();
    for (String count : List.of("current", "total")) {
      if (moves && members.get(count) instanceof Long bytes && bytes > 0) {
        detail.put(count, bytes);
      }
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("status", members.get("status"));
    line.put("progressDetail", detail);
    if (detail.get("current") instanceof Long current) {
      line.put("progress", bar(current, detail.get("total") instanceof Long total ? total : 0));
    }
    line.put("id", members.get("id"));
    return List.of(line);
  }
}
