package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image in {@code GET /images/json}. Immutable.
 *
 * @param containers how many there are of it
 * @param created seconds since 1970
 * @param labels null for none
 * @param sharedSize -1 where nobody asked
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ImageSummary(
    long containers,
    long created,
    String id,
    @Nullable Map<String, String> labels,
    String parentId,
    List<String> repoDigests,
    List<String> repoTags,
    long sharedSize,
    long size) {
  public ImageSummary {
    repoDigests = List.copyOf(repoDigests);
    repoTags = List.copyOf(repoTags);
  }
}
