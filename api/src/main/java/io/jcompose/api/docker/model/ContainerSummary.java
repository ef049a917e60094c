package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container in {@code GET /containers/json}. Immutable.
 *
 * @param created seconds since 1970
 * @param sizeRw absent where nobody asked, and where it is 0
 * @param networkSettings by {@code Networks}, as {@code inspect} has them
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerSummary(
    String id,
    List<String> names,
    String image,
    @JsonProperty("ImageID") String imageId,
    String command,
    long created,
    List<Port> ports,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long sizeRw,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long sizeRootFs,
    Map<String, String> labels,
    String state,
    String status,
    Map<String, String> hostConfig,
    Map<String, Map<String, Object>> networkSettings,
    List<Object> mounts) {
  public ContainerSummary {
    names = List.copyOf(names);
    ports = List.copyOf(ports);
    mounts = List.copyOf(mounts);
  }

  /**
   * A port that is published or told.
   *
   * @param ip absent where it is not published, as {@code publicPort}
   */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Port(
      @JsonProperty("IP") @Nullable String ip,
      int privatePort,
      @Nullable Integer publicPort,
      String type) {}
}
