package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /networks/{id}/disconnect}; null for what is left out.
 *
 * @param force of an endpoint that has outlived its container, of which there are none here
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkDisconnectRequest(@Nullable String container, @Nullable Boolean force) {}
