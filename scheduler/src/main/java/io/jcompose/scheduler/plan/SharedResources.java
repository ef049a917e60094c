package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The networks and volumes of a plan. Confined to one thread, with its plan. */
final class SharedResources {
  private final Desired desired;
  private final Observed observed;
  private final ProjectPlan.Builder plan;
  private final Set<String> replaced = new LinkedHashSet<>();
  private final Map<String, Integer> networkSteps = new HashMap<>();
  private final Map<String, Integer> replacements = new HashMap<>();
  private final Map<String, Integer> volumeSteps = new HashMap<>();

  SharedResources(Desired desired, Observed observed, ProjectPlan.Builder plan) {
    this.desired = desired;
    this.observed = observed;
    this.plan = plan;
  }

  /** Names of networks of the project whose configuration changed. */
  Set<String> replacedNetworks(Collection<String> services) {
    for (String key : networksOf(services)) {
      Desired.Network network = network(key);
      NetworkView actual = observed.networks().get(network.spec().name());
      if (actual != null && !network.external() && isOurs(actual)) {
        String hash = actual.spec().labels().getOrDefault(Labels.CONFIG_HASH, "");
        if (!hash.isEmpty() && !hash.equals(network.configHash())) {
          replaced.add(actual.name());
        }
      }
    }
    return replaced;
  }

  /** Services with containers on one of the networks. */
  Set<String> servicesOn(Set<String> networks) {
    Set<String> found = new LinkedHashSet<>();
    for (ContainerView container : observed.containers()) {
      if (isOn(container, networks) && desired.services().containsKey(Labels.service(container))) {
        found.add(Labels.service(container));
      }
    }
    return found;
  }

  boolean isOnReplaced(ContainerView container) {
    return isOn(container, replaced);
  }

  /**
   * Adds the steps that make what is missing.
   *
   * @param all also what no service uses
   */
  void plan(Collection<String> services, boolean all) {
    Set<String> keys = networksOf(services);
    if (all) {
      keys.addAll(desired.networks().keySet());
    }
    keys.stream().filter(this::statesSubnet).forEach(key -> planNetwork(network(key), List.of()));
    // an automatic subnet may be any, also one that the file states for another network
    List<Integer> stated = List.copyOf(networkSteps.values());
    keys.stream()
        .filter(key -> !statesSubnet(key))
        .forEach(key -> planNetwork(network(key), stated));
    Set<String> volumes = new LinkedHashSet<>();
    services.forEach(name -> volumes.addAll(service(name).volumes()));
    if (all) {
      volumes.addAll(desired.volumes().keySet());
    }
    volumes.forEach(this::planVolume);
  }

  /**
   * Adds the steps that make networks anew.
   *
   * @param after the stops of all who are on them
   */
  void replace(Collection<String> services, Collection<Integer> after) {
    for (String key : networksOf(services)) {
      Desired.Network network = network(key);
      NetworkView actual = observed.networks().get(network.spec().name());
      if (actual != null && replaced.contains(actual.name())) {
        replacements.put(
            key,
            plan.add(
                new Operation.ReplaceNetwork(actual, network.spec()),
                after,
                "its configuration changed"));
      }
    }
  }

  /** The steps that make what is missing. */
  List<Integer> creations() {
    List<Integer> steps = new ArrayList<>(networkSteps.values());
    steps.addAll(volumeSteps.values());
    return steps;
  }

  /** The steps that a start of a container of the service, made before them, comes after. */
  List<Integer> replacementsOf(Desired.Service service) {
    List<Integer> steps = new ArrayList<>();
    service.networks().forEach(key -> add(steps, replacements.get(key)));
    return steps;
  }

  /** The steps that a new container of the service comes after. */
  List<Integer> stepsOf(Desired.Service service) {
    List<Integer> steps = new ArrayList<>();
    service.networks().forEach(key -> add(steps, networkSteps.get(key)));
    service.volumes().forEach(key -> add(steps, volumeSteps.get(key)));
    return steps;
  }

  private static void add(List<Integer> steps, @Nullable Integer step) {
    if (step != null) {
      steps.add(step);
    }
  }

  private boolean statesSubnet(String key) {
    return network(key).spec().pools().stream().anyMatch(pool -> !pool.subnet().isEmpty());
  }

  private void planNetwork(Desired.Network network, List<Integer> after) {
    String name = network.spec().name();
    NetworkView actual = observed.networks().get(name);
    if (actual == null) {
      if (network.external()) {
        throw new JcomposeException.NotFound(
            "network "
                + name
                + " declared as external, but could not be found; make it with"
                + " `jcompose network create "
                + name
                + "`");
      }
      networkSteps.put(
          network.key(),
          plan.add(new Operation.CreateNetwork(network.spec()), after, "it does not exist"));
    } else if (!network.external() && !network.spec().isPredefined() && !replaced.contains(name)) {
      checkOwner(network, actual);
    }
  }

  private void checkOwner(Desired.Network network, NetworkView actual) {
    Map<String, String> labels = actual.spec().labels();
    if (!isOurs(actual)) {
      plan.warn(
          "a network with name "
              + actual.name()
              + " exists but was not created for project \""
              + desired.project()
              + "\". Set `external: true` to use an existing network");
    } else if (!network.key().equals(labels.getOrDefault(Labels.NETWORK, ""))) {
      throw new JcomposeException.Conflict(
          "network "
              + actual.name()
              + " was found but has incorrect label "
              + Labels.NETWORK
              + " set to \""
              + labels.getOrDefault(Labels.NETWORK, "")
              + "\" (expected: \""
              + network.key()
              + "\")");
    }
  }

  private void planVolume(String key) {
    Desired.Volume volume = desired.volumes().get(key);
    if (volume == null) {
      return;
    }
    VolumeView actual = observed.volumes().get(volume.spec().name());
    if (actual == null) {
      requireOwn(volume);
      volumeSteps.put(
          key, plan.add(new Operation.CreateVolume(volume.spec()), List.of(), "it does not exist"));
    } else if (!volume.external()) {
      warnOfOther(volume, actual.spec().labels());
    }
  }

  private static void requireOwn(Desired.Volume volume) {
    if (volume.external()) {
      String name = volume.spec().name();
      throw new JcomposeException.NotFound(
          "external volume \""
              + name
              + "\" not found; make it with `jcompose volume create "
              + name
              + "`");
    }
  }

  /** Data is never thrown away: a volume that is not as desired is used as it is. */
  private void warnOfOther(Desired.Volume volume, Map<String, String> labels) {
    String name = volume.spec().name();
    if (!desired.project().equals(labels.get(Labels.PROJECT))) {
      plan.warn(
          "volume \""
              + name
              + "\" already exists but was not created by Docker Compose. Use `external: true` to"
              + " use an existing volume");
    } else if (!volume.configHash().equals(labels.getOrDefault(Labels.CONFIG_HASH, ""))) {
      plan.warn(
          "Volume \""
              + name
              + "\" exists but doesn't match configuration in compose file. It is used as it is;"
              + " remove it (data will be lost) to have it made anew.");
    }
  }

  private boolean isOurs(NetworkView actual) {
    return desired.project().equals(actual.spec().labels().get(Labels.PROJECT));
  }

  private Set<String> networksOf(Collection<String> services) {
    Set<String> keys = new LinkedHashSet<>();
    services.forEach(name -> keys.addAll(service(name).networks()));
    keys.retainAll(desired.networks().keySet());
    return keys;
  }

  private boolean isOn(ContainerView container, Set<String> networks) {
    return container.spec().networking().endpoints().stream()
        .anyMatch(endpoint -> networks.contains(endpoint.network()));
  }

  private Desired.Network network(String key) {
    Desired.Network network = desired.networks().get(key);
    if (network == null) {
      throw new JcomposeException.InvalidArgument("undefined network " + key);
    }
    return network;
  }

  private Desired.Service service(String name) {
    Desired.Service service = desired.services().get(name);
    if (service == null) {
      throw new JcomposeException.NotFound("no such service: " + name);
    }
    return service;
  }
}
