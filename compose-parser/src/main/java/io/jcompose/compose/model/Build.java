package io.jcompose.compose.model;

import io.jcompose.core.ContainerSpec.Ulimit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a service's image is built.
 *
 * @param context absolute folder, or a URL
 * @param dockerfile relative to the context; empty when {@code dockerfileInline} is given
 * @param args values given or found in the project's environment; the others are left out
 * @param provenance empty, or a boolean or attributes as text; so is {@code sbom}
 * @param ssh id to path, or to an empty text for the agent
 * @param shmSizeBytes 0 is the default
 */
public record Build(
    String context,
    String dockerfile,
    String dockerfileInline,
    String target,
    Map<String, String> args,
    Map<String, String> labels,
    List<String> tags,
    List<String> platforms,
    Map<String, String> additionalContexts,
    Cache cache,
    List<FileReference> secrets,
    Map<String, String> ssh,
    String network,
    List<String> extraHosts,
    List<String> entitlements,
    boolean privileged,
    boolean pull,
    String isolation,
    String provenance,
    String sbom,
    long shmSizeBytes,
    Map<String, Ulimit> ulimits,
    Map<String, @Nullable Object> extensions) {
  public Build {
    args = Copies.ordered(args);
    labels = Copies.ordered(labels);
    tags = List.copyOf(tags);
    platforms = List.copyOf(platforms);
    additionalContexts = Copies.ordered(additionalContexts);
    secrets = List.copyOf(secrets);
    ssh = Copies.ordered(ssh);
    extraHosts = List.copyOf(extraHosts);
    entitlements = List.copyOf(entitlements);
    ulimits = Copies.ordered(ulimits);
    extensions = Copies.ordered(extensions);
  }

  /** Where cached steps come from and go to. */
  public record Cache(
      List<String> from, List<String> to, boolean disabled, List<String> disabledStages) {
    public Cache {
      from = List.copyOf(from);
      to = List.copyOf(to);
      disabledStages = List.copyOf(disabledStages);
    }
  }
}
