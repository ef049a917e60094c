package io.jcompose.scheduler;

import java.util.List;

/**
 * What {@code pull} may be told.
 *
 * @param services empty is every active service
 * @param policy missing, always, or empty for always
 * @param includeDependencies pull what the services depend on too
 * @param ignoreFailures report them and go on
 * @param ignoreBuildable pass over services that are built
 */
public record PullOptions(
    List<String> services,
    String policy,
    boolean includeDependencies,
    boolean ignoreFailures,
    boolean ignoreBuildable) {
  public PullOptions {
    services = List.copyOf(services);
  }
}
