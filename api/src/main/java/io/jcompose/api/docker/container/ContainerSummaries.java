package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.model.ContainerSummary;
import io.jcompose.api.inspect.ContainerJson;
import io.jcompose.api.inspect.ExposedPorts;
import io.jcompose.api.inspect.HostConfigJson;
import io.jcompose.api.inspect.MountsJson;
import io.jcompose.api.inspect.NetworkSettingsJson;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Containers as lists of Docker's API show them, newest first. Thread-safe. */
public final class ContainerSummaries {
  private final Containers containers;
  private final Activity activity;
  private final Images images;
  private final Networks networks;
  private final Volumes volumes;
  private final Clock clock;

  public ContainerSummaries(ApiPorts ports, Clock clock) {
    this.containers = ports.containers();
    this.activity = ports.activity();
    this.images = ports.images();
    this.networks = ports.networks();
    this.volumes = ports.volumes();
    this.clock = clock;
  }

  /** All that the filters let through. */
  public List<ContainerSummary> list(ContainerFilters filters, boolean size) {
    List<ContainerView> all =
        containers.list(Map.of()).stream()
            .sorted(Comparator.comparing(ContainerView::createdAt).reversed())
            .toList();
    return filters.of(all, containers).stream()
        .map(view -> summary(view, size))
        .flatMap(Optional::stream)
        .toList();
  }

  /** Empty for one that was removed in between. */
  private Optional<ContainerSummary> summary(ContainerView view, boolean size) {
    ImageView image = images.find(view.imageId()).orElse(null);
    try {
      long own = size ? activity.layerBytes(view.id()) : 0;
      long whole = own + (image == null ? 0 : image.sizeBytes());
      return Optional.of(summary(view, image, own == 0 ? null : own, size ? whole : null));
    } catch (JcomposeException.NotFound e) {
      return Optional.empty();
    }
  }

  private ContainerSummary summary(
      ContainerView view, @Nullable ImageView image, @Nullable Long own, @Nullable Long whole) {
    return new ContainerSummary(
        view.id(),
        List.of("/" + view.name()),
        view.spec().image(),
        view.imageId(),
        HumanText.command(view.command()),
        view.createdAt().getEpochSecond(),
        ExposedPorts.beside(view, image).stream().map(ContainerSummaries::port).toList(),
        own,
        whole,
        ContainerJson.labels(view, image),
        view.state().name().toLowerCase(Locale.ROOT),
        HumanText.status(view, clock.instant()),
        Map.of("NetworkMode", HostConfigJson.networkMode(view.spec())),
        Map.of("Networks", endpoints(view)),
        MountsJson.of(view, volumes));
  }

  /** Names and options are told by inspect alone. */
  private Map<String, Object> endpoints(ContainerView view) {
    Map<String, Object> all = NetworkSettingsJson.endpoints(view, networks);
    for (Object endpoint : all.values()) {
      Map<String, Object> members = members(endpoint);
      members.put("Aliases", null);
      members.put("DriverOpts", null);
      members.put("DNSNames", null);
    }
    return all;
  }

  @SuppressWarnings("unchecked") // as NetworkSettingsJson makes them
  private static Map<String, Object> members(Object endpoint) {
    return (LinkedHashMap<String, Object>) Objects.requireNonNull(endpoint);
  }

  private static ContainerSummary.Port port(PortBinding port) {
    boolean told = port.hostPort() == 0;
    String ip = port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp();
    return new ContainerSummary.Port(
        told ? null : ip, port.containerPort(), told ? null : port.hostPort(), port.protocol());
  }
}
