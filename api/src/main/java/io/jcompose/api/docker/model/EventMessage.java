package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code GET /events}, with the members that clients before 1.52 read. Immutable.
 *
 * @param status null for what is no container and no image, as {@code id}
 * @param from the container's image; null for what is none
 * @param time seconds since 1970
 */
@JsonPropertyOrder({"status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano"})
public record EventMessage(
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String status,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable String id,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable String from,
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
