package io.jcompose.compose.model;

import io.jcompose.compose.Positions;
import io.jcompose.compose.Problem;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole project as its files, env files, profiles and options describe it: validated, with every
 * default filled in. Immutable.
 *
 * @param name of lower-case letters, digits, {@code -} and {@code _}
 * @param workingDir the folder that relative paths start from; absolute
 * @param files the compose files in order of merging, absolute, without included and extended ones
 * @param environmentFiles only those that were asked for by {@code --env-file}
 * @param environment what interpolation saw; holds secrets, never print it
 * @param services the active ones, in the file's order
 * @param disabledServices those that no active profile holds
 * @param profiles the active ones
 * @param extensions the top-level {@code x-…} keys
 * @param refusals by service: values that the schema leaves free but that an engine refuses when it
 *     makes a container; {@code config} accepts them, as Docker Compose does
 * @param canonical the form that {@code config} prints and hashes are made of
 */
public record Project(
    String name,
    Path workingDir,
    List<Path> files,
    List<Path> environmentFiles,
    Map<String, String> environment,
    Map<String, Service> services,
    Map<String, Service> disabledServices,
    Map<String, NetworkConfig> networks,
    Map<String, VolumeConfig> volumes,
    Map<String, FileObject> configs,
    Map<String, FileObject> secrets,
    Map<String, ModelConfig> models,
    List<String> profiles,
    Map<String, @Nullable Object> extensions,
    List<Problem> warnings,
    Map<String, List<Problem>> refusals,
    Positions positions,
    Canonical canonical) {
  /**
   * Containers of one project; a bridge has place for 1,023 of them. The larger number was tried
   * with a heap of 512 MiB, and is not for an engine that has an eighth of that.
   */
  public static final int MOST_CONTAINERS =
      Runtime.getRuntime().maxMemory() < 256L << 20 ? 2000 : 5000;

  public Project {
    files = List.copyOf(files);
    environmentFiles = List.copyOf(environmentFiles);
    environment = Copies.ordered(environment);
    services = Copies.ordered(services);
    disabledServices = Copies.ordered(disabledServices);
    networks = Copies.ordered(networks);
    volumes = Copies.ordered(volumes);
    configs = Copies.ordered(configs);
    secrets = Copies.ordered(secrets);
    models = Copies.ordered(models);
    profiles = List.copyOf(profiles);
    extensions = Copies.ordered(extensions);
    warnings = List.copyOf(warnings);
    refusals = Copies.ordered(refusals);
  }

  /** What to say of a project with more than {@link #MOST_CONTAINERS}. */
  public static String tooManyContainers(long count) {
    return String.format(
        Locale.ROOT,
        "the project is too large: %,d containers, and an engine takes %,d of one project",
        count,
        MOST_CONTAINERS);
  }

  /** The active service; throws NotFound with Docker's {@code no such service: x}. */
  public Service service(String service) {
    Service found = services.get(service);
    if (found == null) {
      throw new JcomposeException.NotFound("no such service: " + service);
    }
    return found;
  }

  /**
   * The sha256, in hex, that Docker Compose puts on a container as {@code
   * com.docker.compose.config-hash}.
   */
  public String configHash(String service) {
    return canonical.hash("services", service);
  }

  /** The same for a network, by its key. */
  public String networkHash(String network) {
    return canonical.hash("networks", network);
  }

  /** The same for a volume, by its key. */
  public String volumeHash(String volume) {
    return canonical.hash("volumes", volume);
  }

  /**
   * Whether COMPOSE_COMPATIBILITY, which may stand in {@code .env}, asks for names of containers
   * with {@code _} in place of {@code -}, as Docker Compose 1 gave them.
   */
  public boolean hasUnderscores() {
    String word = environment.getOrDefault("COMPOSE_COMPATIBILITY", "").strip();
    return List.of("1", "t", "true", "y").contains(word.toLowerCase(Locale.ROOT));
  }

  /** Leaves out the environment, which may hold secrets. */
  @Override
  public String toString() {
    return "Project[" + name + ", " + services.keySet() + "]";
  }
}
