package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A path in {@code GET /containers/{id}/changes}. Immutable.
 *
 * @param kind 0 modified, 1 added, 2 deleted
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record FileChange(String path, int kind) {}
