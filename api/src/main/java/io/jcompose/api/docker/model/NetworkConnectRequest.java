package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /networks/{id}/connect}; null for what is left out. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkConnectRequest(
    @Nullable String container, @Nullable EndpointSettings endpointConfig) {}
