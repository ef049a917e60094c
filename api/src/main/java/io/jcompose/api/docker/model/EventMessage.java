package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line of {@code GET /events}, with the members that clients before 1.52 read. Immutable.
 *
 * @param time seconds since 1970
 */
@JsonPropertyOrder({"status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano"})
public record EventMessage(
    String status,
    String id,
    String from,
    @JsonProperty("Type") String type,
    @JsonProperty("Action") String action,
    @JsonProperty("Actor") Actor actor,
    String scope,
    long time,
    long timeNano) {

  /** What it happened to. */
  public record Actor(
      @JsonProperty("ID") String id, @JsonProperty("Attributes") Map<String, String> attributes) {
    public Actor {
      attributes = Collections.unmodifiableMap(new TreeMap<>(attributes)); // sorted, as Go's
    }
  }
}
