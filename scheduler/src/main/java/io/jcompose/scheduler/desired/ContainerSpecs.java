package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.Healthcheck;
import io.jcompose.compose.model.PortConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.ByteSize;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.scheduler.Labels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns one service of a compose file into the template of its containers, attribute by attribute.
 * Pure; one object a project.
 */
final class ContainerSpecs {
  private static final Set<String> PREDEFINED = Set.of("host", "none");
  static final String BRIDGE = "bridge";
  private static final Set<String> SHARED_PREFIXES = Set.of("service:", "container:");
  private final Project project;
  private final StorageSpecs storage;

  ContainerSpecs(Project project) {
    this.project = project;
    this.storage = new StorageSpecs(project);
  }

  /** The template: all but name, number, image id and the container's own alias. */
  ContainerSpec template(Service service) {
    return new ContainerSpec(
        "",
        image(project, service),
        "",
        labels(service),
        process(service),
        security(service),
        networking(service),
        storage.mounts(service),
        storage.files(service),
        resources(service),
        new ContainerSpec.Lifecycle(
            service.lifecycle().restart(),
            service.lifecycle().stopSignal(),
            service.lifecycle().stopGracePeriod(),
            false),
        health(service.lifecycle().healthcheck()),
        logging(service));
  }

  /** The image's name: the file's, or the one that Docker Compose gives to what is built. */
  static String image(Project project, Service service) {
    String given = service.source().image();
    String separator = project.hasUnderscores() ? "_" : "-";
    return given.isEmpty() && service.source().build() != null
        ? project.name() + separator + service.name()
        : given;
  }

  /** The variable is no part of the file, so that it changes no hash, as with Docker Compose. */
  static String platform(Project project, Service service) {
    String own = service.source().platform();
    return own.isEmpty() ? project.environment().getOrDefault("DOCKER_DEFAULT_PLATFORM", "") : own;
  }

  /** Keys of the service's networks in the order of its interfaces. */
  static List<String> networkOrder(Service service) {
    return service.networking().attachments().entrySet().stream()
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<String, Service.Attachment> entry) -> -entry.getValue().priority())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Map<String, String> labels(Service service) {
    Map<String, String> labels = new LinkedHashMap<>(service.labels());
    labels.put(Labels.PROJECT, project.name());
    labels.put(Labels.SERVICE, service.name());
    labels.put(Labels.CONFIG_HASH, project.configHash(service.name()));
    labels.put(Labels.DEPENDS_ON, ServiceGraph.format(service.dependsOn()));
    labels.put(Labels.WORKING_DIR, project.workingDir().toString());
    labels.put(Labels.CONFIG_FILES, joined(project.files()));
    if (!project.environmentFiles().isEmpty()) {
      labels.put(Labels.ENVIRONMENT_FILE, joined(project.environmentFiles()));
    }
    labels.put(Labels.VERSION, Labels.OUR_VERSION);
    return labels;
  }

  private static String joined(List<Path> files) {
    return files.stream().map(Path::toString).collect(Collectors.joining(","));
  }

  private static ContainerSpec.ProcessSpec process(Service service) {
    Service.Process process = service.process();
    List<String> env = new ArrayList<>();
    process.environment().forEach((name, value) -> env.add(name + "=" + value));
    // A bare name takes the variable out of the image's environment, as in Docker's API.
    env.addAll(process.unsetEnvironment());
    return new ContainerSpec.ProcessSpec(
        process.entrypoint(),
        process.command(),
        env,
        process.workingDir(),
        process.user(),
        process.hostname(),
        process.domainname(),
        process.groupAdd(),
        process.tty(),
        process.stdinOpen(),
        false,
        Boolean.TRUE.equals(process.init()));
  }

  private ContainerSpec.Security security(Service service) {
    Service.Isolation isolation = service.isolation();
    return new ContainerSpec.Security(
        isolation.privileged(),
        isolation.readOnlyRootfs(),
        isolation.capAdd(),
        isolation.capDrop(),
        SeccompFiles.read(isolation.securityOpt(), project.workingDir()),
        DeviceNames.of(service),
        isolation.deviceCgroupRules(),
        isolation.sysctls(),
        isolation.ulimits(),
        isolation.pid(),
        isolation.ipc(),
        isolation.uts(),
        isolation.usernsMode(),
        isolation.cgroup(),
        isolation.cgroupParent(),
        isolation.runtime());
  }

  private Networking networking(Service service) {
    Service.Networking networking = service.networking();
    List<String> hosts = new ArrayList<>();
    networking
        .extraHosts()
        .forEach((name, addresses) -> addresses.forEach(a -> hosts.add(name + ":" + a)));
    String mode = mode(service);
    boolean own = mode.isEmpty() || !isShared(mode);
    return new Networking(
        own && !Set.of("none", "host").contains(mode) ? "networks" : mode,
        endpoints(service, mode),
        own && !Set.of("none", "host").contains(mode) ? ports(networking.ports()) : List.of(),
        networking.dns(),
        networking.dnsSearch(),
        networking.dnsOptions(),
        hosts,
        networking.expose().stream()
            .map(port -> port.contains("/") ? port : port + "/tcp")
            .toList());
  }

  /**
   * The service's network mode. The networks {@code host} and {@code none} that every engine has
   * can be named as external ones; then they are the service's only network.
   */
  String mode(Service service) {
    Service.Networking networking = service.networking();
    for (String key : networking.attachments().keySet()) {
      var network = project.networks().get(key);
      if (network != null && network.external() && PREDEFINED.contains(network.name())) {
        if (networking.attachments().size() > 1) {
          throw new JcomposeException.InvalidArgument(
              "services."
                  + service.name()
                  + ".networks: the predefined network "
                  + network.name()
                  + " cannot be joined beside others");
        }
        return network.name();
      }
    }
    return networking.mode();
  }

  private static boolean isShared(String mode) {
    return SHARED_PREFIXES.stream().anyMatch(mode::startsWith);
  }

  private List<EndpointSpec> endpoints(Service service, String mode) {
    if (!mode.isEmpty()) {
      return endpointOfMode(service, mode);
    }
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (String key : networkOrder(service)) {
      Service.Attachment attachment = service.networking().attachments().get(key);
      if (attachment != null) {
        endpoints.add(endpoint(service, key, attachment, endpoints.isEmpty()));
      }
    }
    return endpoints;
  }

  /** Of a mode that is a network's name; none for the other modes. */
  private List<EndpointSpec> endpointOfMode(Service service, String mode) {
    if (isShared(mode) || Set.of("none", "host").contains(mode)) {
      if (!NetworkLimits.of(service).equals(NetworkLimits.NONE)) {
        throw new JcomposeException.InvalidArgument(
            "services."
                + service.name()
                + ".x-jcompose.network: limits need a network of the service's own, not"
                + " network_mode: "
                + mode);
      }
      return List.of();
    }
    // Of all projects: a service's name would lead to another's.
    List<String> aliases = mode.equals(BRIDGE) ? List.of() : List.of(service.name());
    EndpointOptions options = options(service, Service.Attachment.DEFAULT);
    return List.of(EndpointSpec.of(mode, aliases).withOptions(options));
  }

  private EndpointSpec endpoint(
      Service service, String key, Service.Attachment attachment, boolean first) {
    List<String> aliases = new ArrayList<>();
    aliases.add(service.name());
    aliases.addAll(attachment.aliases());
    String mac = attachment.macAddress();
    if (mac.isEmpty() && first) {
      mac = service.networking().macAddress();
    }
    var network = project.networks().get(key);
    return new EndpointSpec(
        network == null ? project.name() + "_" + key : network.name(),
        aliases,
        attachment.ipv4Address(),
        attachment.ipv6Address(),
        mac,
        attachment.interfaceName(),
        attachment.gatewayPriority(),
        options(service, attachment));
  }

  private static EndpointOptions options(Service service, Service.Attachment attachment) {
    Map<String, String> links = new LinkedHashMap<>();
    Stream.concat(
            service.networking().links().stream(), service.networking().externalLinks().stream())
        .filter(link -> !link.alias().equals(link.target()))
        .forEach(link -> links.put(link.alias(), link.target()));
    NetworkLimits limits = NetworkLimits.of(service);
    return new EndpointOptions(
        attachment.driverOptions(), links, limits.ingressBits(), limits.egressBits());
  }

  static List<PortSpec> ports(List<PortConfig> ports) {
    return ports.stream()
        .map(
            port ->
                new PortSpec(
                    port.hostIp(),
                    port.publishedFirst(),
                    port.publishedLast(),
                    port.target(),
                    port.protocol()))
        .toList();
  }

  private static Resources resources(Service service) {
    Service.Resources limits = service.resources();
    Service.Blkio blkio = limits.blkio();
    return new Resources(
        limits.nanoCpus(),
        limits.cpuShares(),
        limits.cpuPeriodMicros(),
        limits.cpuQuotaMicros(),
        limits.cpuset(),
        "",
        limits.memoryBytes(),
        limits.memorySwapBytes(),
        limits.memoryReservationBytes(),
        limits.memorySwappiness(),
        limits.oomKillDisable(),
        limits.oomScoreAdj(),
        limits.pidsLimit(),
        limits.shmBytes(),
        layerBytes(service),
        blkio.weight(),
        devices(blkio.weightDevice()),
        devices(blkio.readBytesPerSecond()),
        devices(blkio.writeBytesPerSecond()),
        devices(blkio.readOperationsPerSecond()),
        devices(blkio.writeOperationsPerSecond()));
  }

  private static long layerBytes(Service service) {
    String size = service.storage().storageOptions().getOrDefault("size", "");
    return size.isEmpty() ? 0 : ByteSize.parse(size);
  }

  private static List<DeviceValue> devices(Map<String, Long> values) {
    return values.entrySet().stream()
        .map(entry -> new DeviceValue(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static @Nullable Health health(@Nullable Healthcheck check) {
    if (check == null) {
      return null;
    }
    Integer retries = check.retries();
    return new Health(
        check.disabled() ? List.of("NONE") : check.test(),
        check.interval(),
        check.timeout(),
        check.startPeriod(),
        check.startInterval(),
        retries == null ? 0 : retries);
  }

  private static ContainerSpec.Logging logging(Service service) {
    return new ContainerSpec.Logging(service.logging().driver(), service.logging().options());
  }
}
