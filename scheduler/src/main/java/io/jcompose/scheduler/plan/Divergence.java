package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Says whether, and why, a container is no longer what its service asks for. Pure. */
final class Divergence {
  private final Desired desired;
  private final Observed observed;
  private final Set<String> replacedNetworks;

  Divergence(Desired desired, Observed observed, Set<String> replacedNetworks) {
    this.desired = desired;
    this.observed = observed;
    this.replacedNetworks = Set.copyOf(replacedNetworks);
  }

  /** The first reason to recreate the container, or empty. */
  Optional<String> of(Desired.Service service, ContainerView container) {
    return isConfigured(service, container)
        ? besideConfiguration(service, container)
        : Optional.of(changed(service, container));
  }

  /** Which keys changed, as far as the container tells; its hash may know of more. */
  private String changed(Desired.Service service, ContainerView container) {
    ContainerSpec wanted =
        Replica.spec(desired.project(), service, Math.max(1, Labels.number(container)), "");
    List<String> keys = ChangedKeys.between(container, wanted);
    return keys.isEmpty() ? "configuration changed" : String.join(", ", keys) + " changed";
  }

  /**
   * The desired spec of the container, when it differs from that only in what can be changed while
   * it runs; empty when it does not differ, or must be recreated.
   */
  Optional<ContainerSpec> update(Desired.Service service, ContainerView container) {
    if (isConfigured(service, container) || besideConfiguration(service, container).isPresent()) {
      return Optional.empty();
    }
    ContainerSpec wanted =
        Replica.spec(desired.project(), service, Math.max(1, Labels.number(container)), "");
    return LiveChange.of(container, wanted, observed.declaredVolumes(wanted.image(), container));
  }

  private static boolean isConfigured(Desired.Service service, ContainerView container) {
    String hash = container.labels().getOrDefault(Labels.CONFIG_HASH, "");
    return service.configHash().equals(hash);
  }

  private Optional<String> besideConfiguration(Desired.Service service, ContainerView container) {
    Map<String, String> labels = container.labels();
    String image = service.template().image();
    String wanted = observed.imageIds().getOrDefault(image, "");
    if (!wanted.isEmpty() && !wanted.equals(labels.getOrDefault(Labels.IMAGE, ""))) {
      return Optional.of("image " + image + " changed");
    }
    Optional<String> content = content(service, container);
    if (content.isPresent()) {
      return content;
    }
    for (String key : service.networks()) {
      Optional<String> reason = network(key, container);
      if (reason.isPresent()) {
        return reason;
      }
    }
    if (container.state() == ContainerView.State.DEAD
        || container.state() == ContainerView.State.REMOVING) {
      return Optional.of("it was half removed");
    }
    return Optional.empty();
  }

  /** Inline contents are configuration, though Docker Compose's hash leaves them out. */
  private static Optional<String> content(Desired.Service service, ContainerView container) {
    for (ContainerSpec.FileSpec wanted : service.template().files()) {
      for (ContainerSpec.FileSpec has : container.spec().files()) {
        boolean same = has.target().equals(wanted.target()) && has.secret() == wanted.secret();
        if (same && !Objects.equals(has.content(), wanted.content())) {
          String kind = wanted.secret() ? "secret " : "config ";
          return Optional.of("content of " + kind + wanted.name() + " changed");
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> network(String key, ContainerView container) {
    Desired.Network network = desired.networks().get(key);
    if (network == null) {
      return Optional.empty();
    }
    String name = network.spec().name();
    if (replacedNetworks.contains(name)) {
      return Optional.of("network " + name + " changed");
    }
    NetworkView actual = observed.networks().get(name);
    for (EndpointView endpoint : container.endpoints()) {
      boolean same = endpoint.networkName().equals(name);
      if (same
          && actual != null
          && !endpoint.networkId().isEmpty()
          && !endpoint.networkId().equals(actual.id())) {
        return Optional.of("network " + name + " was made anew");
      }
    }
    boolean attached =
        container.spec().networking().endpoints().stream()
            .anyMatch(
                endpoint ->
                    endpoint.network().equals(name)
                        || (actual != null && endpoint.network().equals(actual.id())));
    return attached ? Optional.empty() : Optional.of("it is not on network " + name);
  }
}
