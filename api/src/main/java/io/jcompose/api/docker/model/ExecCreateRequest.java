package io.jcompose.api.docker.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /containers/{id}/exec}; null for what is left out. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ExecCreateRequest(
    @Nullable String user,
    @Nullable Boolean privileged,
    @Nullable Boolean tty,
    @Nullable List<Integer> consoleSize,
    @Nullable Boolean attachStdin,
    @Nullable Boolean attachStderr,
    @Nullable Boolean attachStdout,
    @Nullable String detachKeys,
    @Nullable List<String> env,
    @Nullable String workingDir,
    @Nullable List<String> cmd) {}
