package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.core.build.Builds;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A build's progress in BuildKit's {@code StatusResponse}: a step is a vertex, named by a digest.
 * Confined to one thread.
 */
final class StatusMessages {
  static final String NAME = "image";
  private static final int VERTEX = 1;
  private static final int STATUS = 2;
  private static final int LOG = 3;
  private static final int WARNING = 4;

  private final String reference;
  private final Clock clock;
  private final Map<String, Instant> started = new HashMap<>();

  /**
   * @param reference makes the digests those of one build alone
   */
  StatusMessages(String reference, Clock clock) {
    this.reference = reference;
    this.clock = clock;
  }

  /** The message of a report's members; null for one that clients are not told. */
  @Nullable ProtoWriter of(Map<String, Object> members) {
    Instant now = clock.instant();
    String text = String.valueOf(members.getOrDefault("text", ""));
    if (members.containsKey("warning")) {
      return warning(String.valueOf(members.get("warning")));
    }
    String id = String.valueOf(members.get("id"));
    String status = String.valueOf(members.get("status"));
    if (id.equals(Builds.CHECK) || status.equals("Warning")) {
      return warning(text.startsWith(NAME + ": ") ? text.substring(NAME.length() + 2) : text);
    }
    if (id.startsWith("[") || id.startsWith("exporting") || id.startsWith("pushing")) {
      return step(id, status, text, now);
    }
    if (members.get("parent_id") instanceof String parent) {
      return layer(parent, id, members, now);
    }
    return null;
  }

  private ProtoWriter step(String id, String status, String text, Instant now) {
    ProtoWriter message = new ProtoWriter();
    return switch (status) {
      case Builds.OUTPUT ->
          message.message(
              LOG,
              new ProtoWriter()
                  .text(1, digest(id))
                  .time(2, now)
                  .number(3, 1)
                  .bytes(4, (text + "\n").getBytes(StandardCharsets.UTF_8)));
      case Builds.NOT_CACHED -> message; // only asked for by our own command
      case "Building" -> message.message(VERTEX, vertex(id, now));
      case "Cached" -> message.message(VERTEX, vertex(id, now).flag(4, true).time(6, now));
      case "Error" ->
          message.message(
              VERTEX, vertex(id, now).time(6, now).text(7, text.isEmpty() ? "failed" : text));
      case "Done" -> message.message(VERTEX, vertex(id, now).time(6, now));
      default ->
          message.message(
              STATUS,
              new ProtoWriter()
                  .text(1, text)
                  .text(2, digest(id))
                  .time(6, now)
                  .time(7, now)
                  .time(8, now));
    };
  }

  private ProtoWriter vertex(String id, Instant now) {
    Instant begun = started.computeIfAbsent(id, one -> now);
    String shown = id.startsWith("[" + NAME + " ") ? "[" + id.substring(NAME.length() + 2) : id;
    return new ProtoWriter().text(1, digest(id)).text(3, shown).time(5, begun);
  }

  /** Under a vertex of its image, which is made by the first of them. */
  private ProtoWriter layer(String parent, String id, Map<String, Object> members, Instant now) {
    String row = "[internal] load " + parent.replaceFirst("^Image ", "");
    ProtoWriter message = new ProtoWriter();
    if (!started.containsKey(row)) {
      message.message(VERTEX, vertex(row, now).time(6, now));
    }
    Instant begun = started.computeIfAbsent(row + id, one -> now);
    ProtoWriter status =
        new ProtoWriter()
            .text(1, id)
            .text(2, digest(row))
            .number(4, count(members, "current"))
            .number(5, count(members, "total"))
            .time(6, now)
            .time(7, begun);
    boolean done = String.valueOf(members.get("status")).matches("Pull complete|Already exists");
    return message.message(STATUS, done ? status.time(8, now) : status);
  }

  private static long count(Map<String, Object> members, String name) {
    return members.get(name) instanceof Long bytes ? bytes : 0;
  }

  private ProtoWriter warning(String text) {
    return new ProtoWriter()
        .message(
            WARNING,
            new ProtoWriter()
                .text(1, digest("warnings"))
                .number(2, 1)
                .bytes(3, text.getBytes(StandardCharsets.UTF_8)));
  }

  private String digest(String id) {
    return ResultReference.sha256(reference + "\0" + id);
  }
}
