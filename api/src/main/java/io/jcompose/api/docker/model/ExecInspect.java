package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code GET /exec/{id}/json}. Immutable.
 *
 * @param exitCode null until it has ended
 * @param pid 0, which stands for not known
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ExecInspect(
    @JsonProperty("ID") String id,
    boolean running,
    @Nullable Integer exitCode,
    ProcessConfig processConfig,
    boolean openStdin,
    boolean openStderr,
    boolean openStdout,
    boolean canRemove,
    @JsonProperty("ContainerID") String containerId,
    String detachKeys,
    long pid) {

  /**
   * The program.
   *
   * @param user absent where it is the container's own
   */
  public record ProcessConfig(
      boolean tty,
      String entrypoint,
      List<String> arguments,
      boolean privileged,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) String user) {
    public ProcessConfig {
      arguments = List.copyOf(arguments);
    }
  }
}
