package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code GET /system/df}; null for a kind that nobody asked for. Immutable.
 *
 * @param volumes as they are inspected, with their {@code UsageData}
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record DiskUsage(
    long layersSize,
    @Nullable List<ImageSummary> images,
    @Nullable List<ContainerSummary> containers,
    @Nullable List<Map<String, Object>> volumes,
    @Nullable List<CacheRecord> buildCache) {

  /** A step's result that a build keeps. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record CacheRecord(
      @JsonProperty("ID") String id,
      String type,
      String description,
      boolean inUse,
      boolean shared,
      long size,
      String createdAt,
      String lastUsedAt,
      int usageCount) {}
}
