package io.jcompose.scheduler;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code down} may be told.
 *
 * @param services empty is the whole project; named ones are stopped and removed, with the
 *     project's networks left alone
 * @param volumes remove named volumes that the file declares, and anonymous ones
 * @param rmi empty, {@code local} (images without a name of their own) or {@code all}
 * @param timeout null takes each container's own
 */
public record DownOptions(
    List<String> services,
    boolean volumes,
    String rmi,
    boolean removeOrphans,
    @Nullable Duration timeout) {
  public static final DownOptions DEFAULT = new DownOptions(List.of(), false, "", false, null);

  public DownOptions {
    services = List.copyOf(services);
  }
}
