package io.jcompose.scheduler;

import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.PortConfig;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A one-off container of a service ({@code run}).
 *
 * @param command replaces the service's when not empty
 * @param entrypoint null keeps the service's; a given one clears the service's command
 * @param env {@code NAME=value}, over the service's
 * @param name empty lets the project name it
 * @param labels over the service's
 * @param servicePorts publish the service's ports
 * @param publish further ports
 * @param volumes further mounts; a volume's source is a key of the project where it has that one
 * @param user empty takes the service's
 * @param useAliases give it the service's names on its networks
 * @param noDeps do not start the dependencies
 * @param autoRemove remove the container when it ends ({@code --rm})
 * @param ignoreOrphans as in {@link UpOptions}
 * @param pull as in {@link UpOptions}
 * @param building as in {@link UpOptions}
 * @param why as in {@link UpOptions}
 */
@RecordBuilder
public record RunOptions(
    String service,
    List<String> command,
    @Nullable List<String> entrypoint,
    List<String> env,
    String name,
    Map<String, String> labels,
    boolean servicePorts,
    List<PortConfig> publish,
    List<MountConfig> volumes,
    String user,
    String workingDir,
    List<String> capAdd,
    List<String> capDrop,
    boolean useAliases,
    boolean noDeps,
    boolean autoRemove,
    boolean tty,
    boolean stdin,
    boolean removeOrphans,
    boolean ignoreOrphans,
    String pull,
    BuildMode building,
    boolean why)
    implements RunOptionsBuilder.With {
  public RunOptions {
    command = List.copyOf(command);
    entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
    env = List.copyOf(env);
    labels = Map.copyOf(labels);
    publish = List.copyOf(publish);
    volumes = List.copyOf(volumes);
    capAdd = List.copyOf(capAdd);
    capDrop = List.copyOf(capDrop);
  }

  /** The same with further mounts and ports. */
  public RunOptions with(List<MountConfig> mounts, List<PortConfig> ports) {
    return with().publish(ports).volumes(mounts).build();
  }

  /** What the further mounts call the volumes that they are of. */
  public List<String> namedVolumes() {
    return volumes.stream()
        .map(mount -> mount instanceof MountConfig.Volume volume ? volume.source() : "")
        .filter(source -> !source.isEmpty())
        .toList();
  }

  /** A run of a service's command in other words, without a terminal. */
  public static RunOptions of(String service, List<String> command) {
    return new RunOptions(
        service,
        command,
        null,
        List.of(),
        "",
        Map.of(),
        false,
        List.of(),
        List.of(),
        "",
        "",
        List.of(),
        List.of(),
        false,
        false,
        true,
        false,
        false,
        false,
        false,
        "",
        BuildMode.MISSING,
        false);
  }
}
