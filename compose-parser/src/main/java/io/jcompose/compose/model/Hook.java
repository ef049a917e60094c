package io.jcompose.compose.model;

import java.util.List;
import java.util.Map;

/**
 * A life-cycle hook: a command run in the container ({@code post_start}, {@code pre_stop}, {@code
 * develop.watch.exec}) or in a container of its own ({@code pre_start}).
 *
 * @param image only for {@code pre_start}; empty takes the service's
 * @param perReplica only for {@code pre_start}: once per replica rather than once per service
 * @param unsetEnvironment variables named without a value that nothing gives a value
 */
public record Hook(
    List<String> command,
    String image,
    String user,
    boolean privileged,
    String workingDir,
    Map<String, String> environment,
    List<String> unsetEnvironment,
    boolean perReplica) {
  public Hook {
    command = List.copyOf(command);
    environment = Copies.ordered(environment);
    unsetEnvironment = List.copyOf(unsetEnvironment);
  }
}
