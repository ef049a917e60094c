package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /containers/create}; null for what is left out. Words may be one text
 * instead of a list.
 *
 * @param exposedPorts {@code 80/tcp} each, with an empty object
 * @param volumes targets of anonymous volumes, each with an empty object
 * @param macAddress before version 1.44 here, and since at the endpoint
 * @param stopTimeout seconds; negative waits for ever
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerCreateRequest(
    @Nullable String hostname,
    @Nullable String domainname,
    @Nullable String user,
    @Nullable Map<String, Object> exposedPorts,
    @Nullable Boolean tty,
    @Nullable Boolean openStdin,
    @Nullable Boolean stdinOnce,
    @Nullable List<String> env,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable List<String> cmd,
    @Nullable HealthConfig healthcheck,
    @Nullable String image,
    @Nullable Map<String, Object> volumes,
    @Nullable String workingDir,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        @Nullable List<String> entrypoint,
    @Nullable Boolean networkDisabled,
    @Nullable String macAddress,
    @Nullable Map<String, String> labels,
    @Nullable String stopSignal,
    @Nullable Integer stopTimeout,
    @Nullable HostConfig hostConfig,
    @Nullable NetworkingConfig networkingConfig) {

  /** True when nothing is said of the container itself. */
  public boolean isEmpty() {
    return equals(
        new ContainerCreateRequest(
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            hostConfig,
            networkingConfig));
  }

  /** Durations in nanoseconds; 0 takes the image's, or the default. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record HealthConfig(
      @Nullable List<String> test,
      long interval,
      long timeout,
      long startPeriod,
      long startInterval,
      int retries) {}

  /** The networks of a container, by their names or ids. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record NetworkingConfig(@Nullable Map<String, EndpointSettings> endpointsConfig) {}
}
