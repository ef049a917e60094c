package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The answer of {@code GET /version}. Immutable. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record VersionInfo(
    Named platform,
    List<Component> components,
    String version,
    String apiVersion,
    String minAPIVersion,
    String gitCommit,
    String goVersion,
    String os,
    String arch,
    String kernelVersion,
    String buildTime) {
  public VersionInfo {
    components = List.copyOf(components);
  }

  /** A name alone. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Named(String name) {}

  /** A part of the engine. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Component(String name, String version, Map<String, String> details) {
    public Component {
      details = Collections.unmodifiableMap(new TreeMap<>(details)); // sorted, as Go's
    }
  }
}
