package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer of {@code GET /volumes}. Immutable. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record VolumeList(List<Map<String, Object>> volumes, @Nullable List<String> warnings) {
  public VolumeList {
    volumes = List.copyOf(volumes);
  }
}
