package io.jcompose.api.docker.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code POST /build?version=2}, by which the command line of docker 20.10 builds: the files are
 * those of a session, and what is told is BuildKit's status in lines of JSON. Thread-safe.
 */
final class FormerSessionBuild {
  private static final String TRACE = "moby.buildkit.trace";
  private static final String IMAGE = "moby.image.id";
  private static final String HERE = "client-session";

  private final SessionBuild build;

  FormerSessionBuild(SessionBuild build) {
    this.build = build;
  }

  void answer(Call call) throws IOException {
    String remote = call.query("remote");
    if (remote.equals("upload-request")) {
      throw Refusal.notYet("archives for a build beside its session; DOCKER_BUILDKIT=0 has them");
    }
    if (call.query("session").isEmpty()) {
      throw new Refusal(400, "the session is missing");
    }
    ProtoMessage request = request(call);
    SessionBuild.Asked asked =
        new SessionBuild.Asked("dockerfile.v0", options(call, remote), Map.of(), imports(call));
    Thread worker = Thread.currentThread();
    LateStream output = new LateStream(call.exchange(), Call.JSON, worker::interrupt);
    StatusMessages messages = new StatusMessages(request.text(1), Clock.systemUTC());
    ProgressLines progress =
        new ProgressLines(
            members -> {
              ProtoWriter message = messages.of(members);
              if (message != null) {
                line(output, Map.of("id", TRACE, "aux", message.toBytes()));
              }
            });
    try {
      String id = build.build(request, asked, progress).imageId();
      build.exported(request, id, progress);
      progress.flush();
      line(output, Map.of("id", IMAGE, "aux", Map.of("ID", id)));
    } catch (RpcFailure e) {
      progress.flush();
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("errorDetail", Map.of("message", String.valueOf(e.getMessage())));
      error.put("error", String.valueOf(e.getMessage()));
      line(output, error);
    } finally {
      progress.gone();
    }
  }

  private static void line(LateStream output, Map<String, Object> document) throws IOException {
    synchronized (output) { // rows come on a thread of their own
      output.write((JsonText.of(document) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The same as a {@code Control/Solve}. */
  private static ProtoMessage request(Call call) {
    String names =
        call.queries("t").stream()
            .filter(tag -> !tag.isEmpty())
            .map(tag -> ImageReference.parse(tag).toString())
            .collect(Collectors.joining(","));
    ProtoWriter exporter = new ProtoWriter().text(1, "moby").map(2, Map.of("name", names));
    return ProtoMessage.parse(
        new ProtoWriter()
            .text(1, call.query("buildid"))
            .text(5, call.query("session"))
            .message(13, exporter)
            .toBytes());
  }

  private static Map<String, String> options(Call call, String remote) {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, "context", remote.equals(HERE) ? "" : remote);
    put(options, "filename", call.query("dockerfile"));
    put(options, "target", call.query("target"));
    put(options, "platform", call.query("platform"));
    put(options, "force-network-mode", call.query("networkmode"));
    put(options, "shm-size", call.query("shmsize").equals("0") ? "" : call.query("shmsize"));
    put(options, "image-resolve-mode", call.is("pull") ? "pull" : "");
    put(
        options,
        "add-hosts",
        call.queries("extrahosts").stream()
            .filter(word -> !word.isEmpty())
            .map(word -> word.contains("=") ? word : word.replaceFirst(":", "="))
            .collect(Collectors.joining(",")));
    put(options, "ulimit", ulimits(call));
    if (call.is("nocache")) {
      options.put("no-cache", "");
    }
    entries(call, "buildargs", "build-arg:", options);
    entries(call, "labels", "label:", options);
    return options;
  }

  private static void put(Map<String, String> options, String name, String value) {
    if (!value.isEmpty()) {
      options.put(name, value);
    }
  }

  private static void entries(Call call, String name, String prefix, Map<String, String> options) {
    document(call, name)
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                options.put(prefix + entry.getKey(), entry.getValue().asText());
              }
            });
  }

  private static String ulimits(Call call) {
    List<String> all = new ArrayList<>();
    document(call, "ulimits")
        .forEach(
            one ->
                all.add(
                    one.path("Name").asText()
                        + "="
                        + one.path("Soft").asLong()
                        + ":"
                        + one.path("Hard").asLong()));
    return String.join(",", all);
  }

  private static List<ProtoMessage> imports(Call call) {
    List<ProtoMessage> all = new ArrayList<>();
    document(call, "cachefrom")
        .forEach(
            word ->
                all.add(
                    ProtoMessage.parse(
                        new ProtoWriter()
                            .text(1, "registry")
                            .map(2, Map.of("ref", word.asText()))
                            .toBytes())));
    return all;
  }

  private static JsonNode document(Call call, String name) {
    String text = call.query(name);
    try {
      return text.isEmpty() ? JsonText.MAPPER.createObjectNode() : JsonText.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new Refusal(400, "error reading " + name + ": it is not the JSON that is asked for");
    }
  }
}
