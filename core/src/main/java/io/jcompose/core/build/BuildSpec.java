package io.jcompose.core.build;

import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.Resources;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be built of a Dockerfile: everything that decides the image. Immutable.
 *
 * @param name what progress and errors call it: a service, or the first tag
 * @param context absolute folder of the engine's host, a git or http(s) URL, {@code archive:/FILE}
 *     for a tar archive of the engine's host, or empty for none
 * @param dockerfile absolute, or relative to the context; empty is {@code Dockerfile}
 * @param dockerfileText the Dockerfile itself, which then is no file; null for a file
 * @param contexts named contexts: as {@code context}, {@code docker-image://REF}, or {@code
 *     target:NAME} for the image that another build of the same call makes
 * @param target the stage to build; empty is the last
 * @param platform {@code os/arch[/variant]}, or empty for the host's
 * @param tags names that the image gets
 * @param output what else is asked of the image
 */
@RecordBuilder
public record BuildSpec(
    String name,
    String context,
    String dockerfile,
    @Nullable String dockerfileText,
    Map<String, String> contexts,
    String target,
    String platform,
    Map<String, String> args,
    Map<String, String> labels,
    List<String> tags,
    Steps steps,
    Cache cache,
    List<Secret> secrets,
    Map<String, String> ssh,
    Output output)
    implements BuildSpecBuilder.With {

  public BuildSpec {
    contexts = Map.copyOf(contexts);
    args = Map.copyOf(args);
    labels = Map.copyOf(labels);
    tags = List.copyOf(tags);
    secrets = List.copyOf(secrets);
    ssh = Map.copyOf(ssh);
  }

  /** A Dockerfile in a folder, and nothing else. */
  public static BuildSpec of(String name, Path context) {
    return new BuildSpec(
        name,
        context.toString(),
        "",
        null,
        Map.of(),
        "",
        "",
        Map.of(),
        Map.of(),
        List.of(),
        Steps.DEFAULT,
        Cache.DEFAULT,
        List.of(),
        Map.of(),
        Output.DEFAULT);
  }

  /**
   * What is asked of the image itself.
   *
   * @param annotations of its manifest
   * @param rewritesTimes no file of a layer that is made is younger than SOURCE_DATE_EPOCH, which
   *     must be given
   */
  public record Output(Map<String, String> annotations, boolean rewritesTimes) {
    public static final Output DEFAULT = new Output(Map.of(), false);

    public Output {
      annotations = Map.copyOf(annotations);
    }
  }

  /**
   * How RUN steps run.
   *
   * @param network empty for the engine's default bridge, {@code none}, {@code host}, or the name
   *     of a network of the engine's
   * @param extraHosts {@code name=address}
   * @param shmSizeBytes 0 is 64 MiB
   * @param limits of processors and memory
   * @param entitlements {@code network.host}, {@code security.insecure}: what RUN may ask for
   */
  @RecordBuilder
  public record Steps(
      String network,
      List<String> extraHosts,
      long shmSizeBytes,
      Map<String, Ulimit> ulimits,
      Resources limits,
      List<String> entitlements)
      implements StepsBuilder.With {
    public static final Steps DEFAULT =
        new Steps("", List.of(), 0, Map.of(), Resources.UNLIMITED, List.of());

    public Steps {
      extraHosts = List.copyOf(extraHosts);
      ulimits = Map.copyOf(ulimits);
      entitlements = List.copyOf(entitlements);
    }
  }

  /**
   * What earlier builds are good for.
   *
   * @param disabled nothing of them is used
   * @param disabledStages nothing for these stages
   * @param pull base images are asked for at their registry also where they are here
   * @param explained of each step that is carried out it is reported why, as {@link
   *     Builds#NOT_CACHED}
   * @param from where results of steps are looked for that this engine does not have
   * @param to where results go when the image is made
   */
  @RecordBuilder
  public record Cache(
      boolean disabled,
      List<String> disabledStages,
      boolean pull,
      boolean explained,
      List<CachePlace> from,
      List<CachePlace> to)
      implements CacheBuilder.With {
    public static final Cache DEFAULT =
        new Cache(false, List.of(), false, false, List.of(), List.of());

    public Cache {
      disabledStages = List.copyOf(disabledStages);
      from = List.copyOf(from);
      to = List.copyOf(to);
    }
  }

  /**
   * A secret that RUN can mount; in no layer, log, history or cache.
   *
   * @param source a file of the engine's host; null when {@code value} is given
   */
  public record Secret(String id, @Nullable Path source, @Nullable String value) {
    @Override
    public String toString() {
      return "Secret[" + id + "]";
    }
  }
}
