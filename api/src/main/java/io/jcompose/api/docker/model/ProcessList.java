package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/** The answer of {@code GET /containers/{id}/top}. Immutable. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ProcessList(List<List<String>> processes, List<String> titles) {
  public ProcessList {
    processes = List.copyOf(processes);
    titles = List.copyOf(titles);
  }
}
