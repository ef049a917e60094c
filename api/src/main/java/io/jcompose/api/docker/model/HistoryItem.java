package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step in {@code GET /images/{name}/history}. Immutable.
 *
 * @param created seconds since 1970
 * @param tags null for all but the last step
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record HistoryItem(
    String comment,
    long created,
    String createdBy,
    String id,
    long size,
    @Nullable List<String> tags) {}
