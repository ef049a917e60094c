package io.jcompose.scheduler.desired;

import io.jcompose.compose.Positions;
import io.jcompose.compose.Problem;
import io.jcompose.compose.model.Deploy;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.NetworkConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.compose.model.VolumeConfig;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.scheduler.Labels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A project in the engine's words, with what could not be said in them. Immutable.
 *
 * @param invalid by service: values that cannot be meant
 * @param refusals by service: why it cannot be run as its file says
 * @param warnings by service: what is left out of it
 * @param positions of the project's files
 * @param builds of its services
 */
public record Translation(
    Desired desired,
    Map<String, List<Problem>> invalid,
    Map<String, List<String>> refusals,
    Map<String, List<String>> warnings,
    Positions positions,
    ServiceBuilds builds) {

  /** No key that a file can have. */
  private static final String BRIDGE_KEY = "network_mode bridge";

  /**
   * Translates every active service; the unsupported ones matter only when they are used.
   *
   * @throws JcomposeException.InvalidArgument when a service cannot be said in the engine's words,
   *     with all that is known to be in the way of any service
   */
  public static Translation of(Project project) {
    return of(project, UnaryOperator.identity());
  }

  /**
   * @param completed fills in what the engine gives to containers that leave it open
   */
  public static Translation of(Project project, UnaryOperator<ContainerSpec> completed) {
    ContainerSpecs specs = new ContainerSpecs(project);
    Map<String, List<String>> refusals = new LinkedHashMap<>();
    Map<String, List<String>> warnings = new LinkedHashMap<>();
    for (Service service : project.services().values()) {
      refusals.put(service.name(), refusals(project, service));
      warnings.put(service.name(), warnings(project, service));
    }
    requireSound(project, specs, refusals);
    Map<String, Desired.Service> services = new LinkedHashMap<>();
    for (Service service : project.services().values()) {
      services.put(service.name(), service(project, specs, completed, service));
    }
    return new Translation(
        new Desired(
            project.name(),
            project.files().stream().map(Object::toString).toList(),
            services,
            List.copyOf(project.disabledServices().keySet()),
            networks(project),
            volumes(project)),
        project.refusals(),
        refusals,
        warnings,
        project.positions(),
        ServiceBuilds.of(project));
  }

  private static List<String> refusals(Project project, Service service) {
    String what = "not supported yet";
    List<String> found = new ArrayList<>();
    found.addAll(placed(project, "services.", ComposeSupport.refusals(service), what));
    found.addAll(placed(project, "", resourceRefusals(project, service), what));
    return found;
  }

  private static List<String> warnings(Project project, Service service) {
    List<String> left = new ArrayList<>(ComposeSupport.warnings(service));
    predefined(project, service)
        .filter(network -> !service.networking().ports().isEmpty())
        .ifPresent(
            network ->
                left.add(service.name() + ".ports (discarded with network " + network + ")"));
    return placed(project, "services.", left, "not carried out");
  }

  /** Host or none, named as an external network. */
  private static Optional<String> predefined(Project project, Service service) {
    return service.networking().attachments().keySet().stream()
        .map(key -> project.networks().get(key))
        .filter(network -> network != null && network.external())
        .map(NetworkConfig::name)
        .filter(Set.of("host", "none")::contains)
        .findFirst();
  }

  private static void requireSound(
      Project project, ContainerSpecs specs, Map<String, List<String>> refusals) {
    TranslationProblems problems = new TranslationProblems(project);
    StorageSpecs storage = new StorageSpecs(project);
    project.services().values().forEach(service -> problems.look(service, specs, storage));
    if (!problems.found().isEmpty()) {
      Set<String> lines = new LinkedHashSet<>();
      problems.found().forEach(problem -> lines.add(problem.toString()));
      project.services().keySet().forEach(name -> lines.addAll(wrong(project.refusals(), name)));
      project
          .services()
          .keySet()
          .forEach(name -> lines.addAll(refusals.getOrDefault(name, List.of())));
      throw new JcomposeException.InvalidArgument(String.join("\n", lines));
    }
  }

  /**
   * {@code service.attribute (why)} as a line with the place in the file, the whole path, and what
   * becomes of it.
   */
  private static List<String> placed(
      Project project, String section, List<String> texts, String what) {
    return texts.stream()
        .map(
            text -> {
              int why = text.indexOf(" (");
              String path = section + (why < 0 ? text : text.substring(0, why));
              String message = what + (why < 0 ? "" : text.substring(why));
              return new Problem(project.positions().of(path), path, message).toString();
            })
        .toList();
  }

  private static List<String> wrong(Map<String, List<Problem>> invalid, String service) {
    return invalid.getOrDefault(service, List.of()).stream().map(Problem::toString).toList();
  }

  /**
   * Makes sure that the services can be run.
   *
   * @throws JcomposeException.InvalidArgument naming every value that cannot be meant, and every
   *     attribute that is in the way
   * @throws JcomposeException.NotSupported naming every attribute that is in the way
   */
  public void requireSupported(Collection<String> services) {
    Set<String> values = new LinkedHashSet<>();
    Set<String> attributes = new LinkedHashSet<>();
    services.forEach(name -> values.addAll(wrong(invalid, name)));
    services.forEach(name -> attributes.addAll(refusals.getOrDefault(name, List.of())));
    if (attributes.isEmpty() && values.isEmpty()) {
      return;
    }
    String text =
        Stream.concat(values.stream(), attributes.stream()).collect(Collectors.joining("\n"));
    if (!values.isEmpty()) {
      throw new JcomposeException.InvalidArgument(text);
    }
    throw new JcomposeException.NotSupported(text);
  }

  private static Desired.Service service(
      Project project,
      ContainerSpecs specs,
      UnaryOperator<ContainerSpec> completed,
      Service service) {
    Deploy deploy = service.deploy();
    Deploy.Restart restart = deploy == null ? null : deploy.restartPolicy();
    return new Desired.Service(
        service.name(),
        completed.apply(specs.template(service)),
        service.containerName(),
        project.configHash(service.name()),
        service.scale(),
        service.source().pullPolicy(),
        ContainerSpecs.platform(project, service),
        networkKeys(specs.mode(service), service),
        volumeKeys(project, service),
        service.dependsOn(),
        duration(restart == null ? null : restart.delay()),
        duration(restart == null ? null : restart.window()),
        restart == null ? 0 : Objects.requireNonNullElse(restart.maxAttempts(), 0),
        ExtensionSettings.of(service).restartUnhealthy(),
        ExtensionSettings.of(service).followCrashes(),
        project.hasUnderscores());
  }

  private static List<String> networkKeys(String mode, Service service) {
    if (mode.equals(ContainerSpecs.BRIDGE)) {
      return List.of(BRIDGE_KEY);
    }
    return mode.isEmpty() ? ContainerSpecs.networkOrder(service) : List.of();
  }

  private static @Nullable Duration duration(@Nullable Duration given) {
    return given == null || given.isZero() ? null : given;
  }

  private static List<String> volumeKeys(Project project, Service service) {
    Set<String> keys = new LinkedHashSet<>();
    for (MountConfig mount : service.storage().mounts()) {
      if (mount instanceof MountConfig.Volume volume
          && project.volumes().containsKey(volume.source())) {
        keys.add(volume.source());
      }
    }
    return List.copyOf(keys);
  }

  private static Map<String, Desired.Network> networks(Project project) {
    Map<String, Desired.Network> networks = new LinkedHashMap<>();
    project
        .networks()
        .forEach(
            (key, network) -> {
              if (network.external() && network.name().equals(ContainerSpecs.BRIDGE)) {
                networks.put(key, bridge(key));
                return;
              }
              String hash = network.external() ? "" : project.networkHash(key);
              networks.put(
                  key,
                  new Desired.Network(
                      key, spec(project, key, network, hash), hash, network.external()));
            });
    if (project.services().values().stream()
        .anyMatch(service -> service.networking().mode().equals(ContainerSpecs.BRIDGE))) {
      networks.put(BRIDGE_KEY, bridge(BRIDGE_KEY));
    }
    return networks;
  }

  private static Desired.Network bridge(String key) {
    return new Desired.Network(key, NetworkSpec.predefinedBridge(), "", false);
  }

  private static NetworkSpec spec(Project project, String key, NetworkConfig network, String hash) {
    return new NetworkSpec(
        network.name(),
        network.driver().equals("default") ? "" : network.driver(),
        network.driverOptions(),
        network.internal(),
        network.attachable(),
        Boolean.TRUE.equals(network.enableIpv6()),
        network.ipam().pools().stream()
            .map(
                pool ->
                    new Pool(pool.subnet(), pool.gateway(), pool.ipRange(), pool.auxAddresses()))
            .toList(),
        labels(project, Labels.NETWORK, key, hash, network.labels()));
  }

  private static Map<String, Desired.Volume> volumes(Project project) {
    Map<String, Desired.Volume> volumes = new LinkedHashMap<>();
    for (Map.Entry<String, VolumeConfig> entry : project.volumes().entrySet()) {
      String key = entry.getKey();
      VolumeConfig volume = entry.getValue();
      String hash = volume.external() ? "" : project.volumeHash(key);
      VolumeSpec spec =
          new VolumeSpec(
              volume.name(),
              volume.driver(),
              volume.driverOptions(),
              labels(project, Labels.VOLUME, key, hash, volume.labels()));
      volumes.put(key, new Desired.Volume(key, spec, hash, volume.external()));
    }
    return volumes;
  }

  private static Map<String, String> labels(
      Project project, String kind, String key, String hash, Map<String, String> own) {
    Map<String, String> labels = new LinkedHashMap<>(own);
    labels.put(Labels.PROJECT, project.name());
    labels.put(kind, key);
    labels.put(Labels.VERSION, Labels.OUR_VERSION);
    labels.put(Labels.CONFIG_HASH, hash);
    return labels;
  }

  private static List<String> resourceRefusals(Project project, Service service) {
    List<String> found = new ArrayList<>();
    for (String key : service.networking().attachments().keySet()) {
      NetworkConfig network = project.networks().get(key);
      if (network != null && !network.external()) {
        networkRefusals(network).forEach(what -> found.add("networks." + key + "." + what));
      }
    }
    for (String key : volumeKeys(project, service)) {
      VolumeConfig volume = project.volumes().get(key);
      if (volume != null && !Set.of("", "local").contains(volume.driver())) {
        found.add("volumes." + key + ".driver (only local)");
      }
    }
    return found;
  }

  private static List<String> networkRefusals(NetworkConfig network) {
    List<String> found = new ArrayList<>();
    if (!Set.of("", "default", "bridge", "macvlan").contains(network.driver())) {
      found.add("driver (only bridge and macvlan)");
    }
    if (Boolean.FALSE.equals(network.enableIpv4())) {
      found.add("enable_ipv4");
    }
    if (!Set.of("", "default").contains(network.ipam().driver())) {
      found.add("ipam.driver");
    }
    if (!network.ipam().options().isEmpty()) {
      found.add("ipam.options");
    }
    return found;
  }

  /** The services' warnings, each once. */
  public List<String> warningsOf(Collection<String> services) {
    return services.stream()
        .flatMap(name -> warnings.getOrDefault(name, List.of()).stream())
        .distinct()
        .collect(Collectors.toList());
  }
}
