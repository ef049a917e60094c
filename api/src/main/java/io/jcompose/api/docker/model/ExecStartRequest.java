package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /exec/{id}/start}; null for what is left out.
 *
 * @param consoleSize rows and columns
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ExecStartRequest(
    @Nullable Boolean detach, @Nullable Boolean tty, @Nullable List<Integer> consoleSize) {}
