package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A build's error as BuildKit's clients are told it: the text apart from the lines of the
 * Dockerfile, which they show themselves.
 */
final class BuildFailure {
  private static final String SOURCE = "github.com/moby/buildkit/errdefs.Source+json";
  private static final Pattern PLACE =
      Pattern.compile("([^\\n:]+):(\\d{1,9}):\\d+: (.*?)(?:\\n-{20}\\n(.*))?", Pattern.DOTALL);
  private static final Pattern ENDED =
      Pattern.compile(
          "(.*did not complete successfully: (?:exit code: \\d+|ran out of memory)).*",
          Pattern.DOTALL);
  private static final Pattern OWN = Pattern.compile("(?m)^ *(\\d{1,9}) \\| >>>");

  private BuildFailure() {}

  /**
   * @param dockerfile its bytes, as far as they are known
   */
  static RpcFailure of(JcomposeException e, byte[] dockerfile) {
    int code = e instanceof JcomposeException.Cancelled ? RpcFailure.CANCELLED : RpcFailure.UNKNOWN;
    String message = String.valueOf(e.getMessage());
    Matcher place = PLACE.matcher(message);
    if (!place.matches()) {
      return new RpcFailure(code, message);
    }
    Matcher ended = ENDED.matcher(place.group(3));
    String text = ended.matches() ? ended.group(1) : place.group(3);
    RpcFailure.Detail source =
        new RpcFailure.Detail(SOURCE, source(place, dockerfile).getBytes(StandardCharsets.UTF_8));
    return new RpcFailure(code, text, List.of(source));
  }

  private static String source(Matcher place, byte[] dockerfile) {
    int line = Integer.parseInt(place.group(2));
    int last = line;
    Matcher own = OWN.matcher(String.valueOf(place.group(4)));
    while (own.find()) {
      last = Math.max(last, Integer.parseInt(own.group(1)));
    }
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("filename", place.group(1));
    info.put("data", Base64.getEncoder().encodeToString(dockerfile));
    info.put("language", "Dockerfile");
    Map<String, Object> range = Map.of("start", Map.of("line", line), "end", Map.of("line", last));
    return JsonText.of(Map.of("info", info, "ranges", List.of(range)));
  }
}
