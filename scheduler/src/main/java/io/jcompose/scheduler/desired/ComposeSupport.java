package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.Deploy;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The attributes of a service that this engine does not carry out, and what it does instead: refuse
 * the service where leaving the attribute out would change what runs, warn where it would not.
 * {@code docs/compose-support.md} is this table for people.
 */
final class ComposeSupport {
  private static final Set<String> LOG_DRIVERS =
      Set.of("", "json-file", "none", "local", "journald", "syslog");

  private static final String ENDPOINT_SYSCTLS = "com.docker.network.endpoint.sysctls";

  private static final List<Entry> TABLE =
      List.of(
          refuse("image", "neither image nor build is given", s -> lacksImage(s)),
          refuse("provider", "", s -> s.provider() != null),
          refuse("models", "", s -> !s.models().isEmpty()),
          refuse("use_api_socket", "there is no Docker API yet", s -> s.isolation().useApiSocket()),
          refuse(
              "userns_mode",
              "only host",
              s -> !Set.of("", "host").contains(s.isolation().usernsMode())),
          refuse(
              "networks.driver_opts",
              "only " + ENDPOINT_SYSCTLS,
              ComposeSupport::hasEndpointOptions),
          refuse(
              "volumes_from",
              "name the volumes in each service",
              s -> !s.storage().volumesFrom().isEmpty()),
          refuse("volumes", "types image, cluster and npipe", ComposeSupport::hasForeignMount),
          refuse("post_start", "", s -> !s.lifecycle().postStart().isEmpty()),
          refuse("pre_stop", "", s -> !s.lifecycle().preStop().isEmpty()),
          refuse("pre_start", "", s -> !s.lifecycle().preStart().isEmpty()),
          refuse(
              "cpu_rt_runtime",
              "real-time scheduling",
              s -> s.resources().cpuRealtimeRuntimeMicros() != 0),
          refuse(
              "cpu_rt_period",
              "real-time scheduling",
              s -> s.resources().cpuRealtimePeriodMicros() != 0),
          refuse(
              "logging.driver",
              "only json-file, local, journald, syslog and none",
              s -> !LOG_DRIVERS.contains(s.logging().driver())),
          warn("annotations", "", s -> !s.annotations().isEmpty()),
          warn("credential_spec", "Windows only", s -> !s.isolation().credentialSpec().isEmpty()),
          warn("isolation", "Windows only", s -> !s.isolation().windowsIsolation().isEmpty()),
          warn("cpu_count", "Windows only", s -> s.resources().cpuCount() != 0),
          warn("cpu_percent", "Windows only", s -> s.resources().cpuPercent() != 0),
          warn(
              "pull_policy",
              "images are not refreshed by age: taken as missing",
              s -> Set.of("refresh", "daily", "weekly", "every").contains(s.source().pullPolicy())),
          warn(
              "gpus.options",
              "devices are found by name only",
              s -> DeviceNames.requests(s).anyMatch(request -> !request.options().isEmpty())),
          warn("networks.link_local_ips", "", ComposeSupport::hasLinkLocal),
          warn(
              "x-jcompose.network.egress",
              "a container with NET_ADMIN can lift it",
              ComposeSupport::canLiftLimit),
          warn("deploy.mode", "global is one host's replicas", s -> isDeploy(s, "global")),
          warn(
              "deploy.placement",
              "there is one host",
              s -> s.deploy() != null && !s.deploy().placement().equals(Deploy.Placement.ANYWHERE)),
          warn(
              "deploy.update_config",
              "replicas are replaced at once",
              s -> s.deploy() != null && s.deploy().updateConfig() != null),
          warn(
              "deploy.rollback_config",
              "",
              s -> s.deploy() != null && s.deploy().rollbackConfig() != null),
          warn(
              "deploy.labels",
              "labels of a swarm's service; containers have labels",
              s -> s.deploy() != null && !s.deploy().labels().isEmpty()),
          warn(
              "deploy.endpoint_mode",
              "names lead to containers",
              s -> s.deploy() != null && !s.deploy().endpointMode().isEmpty()),
          warn(
              "deploy.resources.reservations",
              "cpus and generic_resources: there is one host",
              ComposeSupport::reservesForPlacing),
          warn("volumes.volume.labels", "", ComposeSupport::hasVolumeLabels),
          warn(
              "volumes.bind.recursive",
              "mounts below are taken along as they are",
              ComposeSupport::hasRecursive),
          warn(
              "ports",
              "discarded with network_mode host or none",
              s ->
                  !s.networking().ports().isEmpty()
                      && Set.of("host", "none").contains(s.networking().mode())));

  private ComposeSupport() {}

  /** What keeps the service from being run, as {@code service.attribute (why)}; mostly empty. */
  static List<String> refusals(Service service) {
    return matching(service, true);
  }

  /** What is left out of the service without harm, in the same form. */
  static List<String> warnings(Service service) {
    return matching(service, false);
  }

  private static List<String> matching(Service service, boolean refused) {
    List<String> found = new ArrayList<>();
    for (Entry entry : TABLE) {
      if (entry.refused == refused && entry.applies.test(service)) {
        String why = entry.why.isEmpty() ? "" : " (" + entry.why + ")";
        found.add(service.name() + "." + entry.attribute + why);
      }
    }
    return found;
  }

  private static boolean lacksImage(Service service) {
    return service.source().image().isEmpty()
        && service.source().build() == null
        && service.provider() == null;
  }

  private static boolean hasForeignMount(Service service) {
    return service.storage().mounts().stream()
        .anyMatch(
            mount ->
                mount instanceof MountConfig.Image
                    || mount instanceof MountConfig.Cluster
                    || mount instanceof MountConfig.NamedPipe);
  }

  private static boolean hasLinkLocal(Service service) {
    return service.networking().attachments().values().stream()
        .anyMatch(attachment -> !attachment.linkLocalIps().isEmpty());
  }

  private static boolean hasEndpointOptions(Service service) {
    return service.networking().attachments().values().stream()
        .anyMatch(
            attachment ->
                attachment.driverOptions().keySet().stream()
                    .anyMatch(option -> !option.equals(ENDPOINT_SYSCTLS)));
  }

  private static boolean canLiftLimit(Service service) {
    return limitsEgress(service)
        && (service.isolation().privileged()
            || service.isolation().capAdd().stream()
                .map(name -> name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", ""))
                .anyMatch(Set.of("NET_ADMIN", "ALL")::contains));
  }

  private static boolean limitsEgress(Service service) {
    try {
      return NetworkLimits.of(service).egressBits() > 0;
    } catch (JcomposeException.InvalidArgument e) {
      return false; // Findings tells what is wrong with it
    }
  }

  private static boolean reservesForPlacing(Service service) {
    Deploy.Limits reserved = service.deploy() == null ? null : service.deploy().reservations();
    return reserved != null && (reserved.nanoCpus() != 0 || !reserved.genericResources().isEmpty());
  }

  private static boolean hasVolumeLabels(Service service) {
    return service.storage().mounts().stream()
        .anyMatch(
            mount -> mount instanceof MountConfig.Volume volume && !volume.labels().isEmpty());
  }

  private static boolean hasRecursive(Service service) {
    return service.storage().mounts().stream()
        .anyMatch(
            mount ->
                mount instanceof MountConfig.Bind bind
                    && Set.of("readonly", "writable").contains(bind.recursive()));
  }

  private static boolean isDeploy(Service service, String mode) {
    return service.deploy() != null && service.deploy().mode().equals(mode);
  }

  private static Entry refuse(String attribute, String why, Predicate<Service> applies) {
    return new Entry(attribute, true, why, applies);
  }

  private static Entry warn(String attribute, String why, Predicate<Service> applies) {
    return new Entry(attribute, false, why, applies);
  }

  private record Entry(String attribute, boolean refused, String why, Predicate<Service> applies) {}
}
