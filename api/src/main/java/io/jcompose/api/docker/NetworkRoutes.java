package io.jcompose.api.docker;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.QueryFilters;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.container.ContainerRoutes;
import io.jcompose.api.docker.create.DefaultBridge;
import io.jcompose.api.docker.create.Given;
import io.jcompose.api.docker.create.NetworkRequests;
import io.jcompose.api.docker.create.NetworkSpecs;
import io.jcompose.api.docker.model.EndpointSettings;
import io.jcompose.api.docker.model.NetworkConnectRequest;
import io.jcompose.api.docker.model.NetworkCreateRequest;
import io.jcompose.api.docker.model.NetworkDisconnectRequest;
import io.jcompose.api.host.NetworkCommands;
import io.jcompose.api.host.OpaqueIds;
import io.jcompose.api.inspect.PredefinedNetworks;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code /networks}: makes, lists and removes networks, and puts containers on them. */
final class NetworkRoutes {
  private static final Set<String> KNOWN =
      Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

  private static final Map<String, String> BRIDGE_OPTIONS =
      Map.of(
          "com.docker.network.bridge.default_bridge", "true",
          "com.docker.network.bridge.enable_icc", "true",
          "com.docker.network.bridge.enable_ip_masquerade", "true",
          "com.docker.network.bridge.host_binding_ipv4", "0.0.0.0",
          "com.docker.network.driver.mtu", "1500");

  private final Containers containers;
  private final Networks networks;
  private final NetworkCommands commands;

  NetworkRoutes(ApiPorts ports) {
    this.containers = ports.containers();
    this.networks = ports.networks();
    this.commands = new NetworkCommands(containers, networks);
  }

  void addTo(Routes routes) {
    routes.get("/networks", this::list);
    routes.post("/networks/create", this::create);
    routes.post("/networks/{id}/connect", this::connect);
    routes.post("/networks/{id}/disconnect", this::disconnect);
    routes.delete("/networks/{id}", this::remove);
    routes.get("/networks/{id}", call -> call.json(inspected(find(call.name("id")))));
  }

  private void list(Call call) throws IOException {
    NamedFilters filters = call.filters(KNOWN);
    Set<String> used = commands.used();
    if (filters.isEmpty()
        || filters.of("type").contains("builtin")
        || filters.of("name").stream().anyMatch(NetworkRequests.BRIDGE::contains)) {
      new DefaultBridge(networks).provide(NetworkRequests.BRIDGE);
    }
    List<NetworkView> all = new ArrayList<>(networks.list(Map.of()));
    all.addAll(PredefinedNetworks.all());
    call.json(
        all.stream()
            .filter(network -> filters.contains("name", network.name()))
            .filter(network -> filters.contains("id", network.id()))
            .filter(network -> filters.is("driver", driver(network)))
            .filter(network -> filters.is("scope", "local"))
            .filter(network -> filters.labels(network.spec().labels()))
            .filter(network -> isOfType(network, filters.of("type")))
            .filter(network -> QueryFilters.isTruth(filters, "dangling", isFree(network, used)))
            .map(this::listed)
            .toList());
  }

  private void create(Call call) throws IOException {
    try {
      String id = networks.create(NetworkSpecs.of(call.body(NetworkCreateRequest.class)));
      call.json(201, Map.of("Id", id, "Warning", ""));
    } catch (JcomposeException.Conflict e) {
      boolean pool = String.valueOf(e.getMessage()).startsWith("invalid pool request");
      throw new Refusal(pool ? 403 : 409, String.valueOf(e.getMessage()));
    }
  }

  private void connect(Call call) throws IOException {
    NetworkConnectRequest asked = call.body(NetworkConnectRequest.class);
    ContainerView container = container(Given.text(asked.container()));
    String ref = call.name("id");
    new DefaultBridge(networks).provide(ref);
    String network = networks.find(ref).map(NetworkView::name).orElse(ref);
    if (asked.endpointConfig() == null && !container.isRunning() && isOn(container, network)) {
      call.done(200); // as it was asked for before
      return;
    }
    EndpointSettings settings =
        asked.endpointConfig() == null ? EndpointSettings.NONE : asked.endpointConfig();
    try {
      containers.connect(container.id(), NetworkRequests.endpoint(network, settings, Map.of()));
    } catch (JcomposeException.Conflict e) {
      throw new Refusal(403, String.valueOf(e.getMessage()));
    }
    call.done(200);
  }

  private static boolean isOn(ContainerView container, String network) {
    return container.spec().networking().endpoints().stream()
        .anyMatch(endpoint -> endpoint.network().equals(network));
  }

  private void disconnect(Call call) throws IOException {
    NetworkDisconnectRequest asked = call.body(NetworkDisconnectRequest.class);
    String network = call.name("id");
    String ref = Given.text(asked.container());
    if (Boolean.TRUE.equals(asked.force()) && !ref.isEmpty() && containers.find(ref).isEmpty()) {
      throw new JcomposeException.NotFound(
          networks.find(network).isEmpty()
              ? "network " + network + " not found"
              : "endpoint " + ref + " not found");
    }
    ContainerView container = container(ref);
    try {
      containers.disconnect(container.id(), network);
    } catch (JcomposeException.Conflict e) {
      // dockerd has no kind of its own for it
      throw new Refusal(500, String.valueOf(e.getMessage()));
    }
    call.done(200);
  }

  private ContainerView container(String ref) {
    if (ref.isEmpty()) {
      throw new Refusal(400, "invalid name or ID supplied: \"\"");
    }
    return ContainerRoutes.find(containers, ref);
  }

  private static String driver(NetworkView network) {
    return network.spec().driver().isEmpty() ? "bridge" : network.spec().driver();
  }

  private static boolean isFree(NetworkView network, Set<String> used) {
    return !network.spec().isPredefined()
        && !used.contains(network.id())
        && !used.contains(network.name());
  }

  private static boolean isOfType(NetworkView network, List<String> types) {
    for (String type : types) {
      if (!type.equals("custom") && !type.equals("builtin")) {
        throw new Refusal(500, "invalid filter: 'type'='" + type + "'");
      }
    }
    return types.isEmpty() || types.contains(network.spec().isPredefined() ? "builtin" : "custom");
  }

  /** Lists leave the containers out. */
  private Map<String, Object> listed(NetworkView network) {
    Map<String, Object> object = object(network);
    object.put("Containers", Map.of());
    return object;
  }

  private Map<String, Object> inspected(NetworkView network) {
    Map<String, Object> object = object(network);
    if (PredefinedNetworks.all().contains(network)) {
      object.put("Containers", containersOf(network));
    }
    return object;
  }

  /** As Docker shows it, whose own networks have no labels and options that others have not. */
  private Map<String, Object> object(NetworkView network) {
    Map<String, Object> object = new LinkedHashMap<>(commands.object(network));
    if (PredefinedNetworks.all().contains(network)) {
      object.put("IPAM", noAddresses());
    } else if (network.spec().isPredefined()) {
      Map<String, String> options = new TreeMap<>(BRIDGE_OPTIONS);
      options.putAll(network.spec().options());
      object.put("Options", options);
    }
    Map<String, String> labels = new TreeMap<>(network.spec().labels());
    labels.remove(Networks.PREDEFINED);
    object.put("Labels", labels);
    return object;
  }

  private static Map<String, Object> noAddresses() {
    Map<String, Object> ipam = new LinkedHashMap<>();
    ipam.put("Driver", "default");
    ipam.put("Options", null);
    ipam.put("Config", null);
    return ipam;
  }

  /** Those that run in the host's network, or in none. */
  private Map<String, Object> containersOf(NetworkView network) {
    Map<String, Object> all = new TreeMap<>();
    containers.list(Map.of()).stream()
        .filter(ContainerView::isRunning)
        .filter(view -> PredefinedNetworks.of(view).filter(network::equals).isPresent())
        .forEach(
            view -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("Name", view.name());
              one.put("EndpointID", OpaqueIds.endpoint(view.id(), network.id()));
              List.of("MacAddress", "IPv4Address", "IPv6Address").forEach(key -> one.put(key, ""));
              all.put(view.id(), one);
            });
    return all;
  }

  private void remove(Call call) throws IOException {
    NetworkView network = find(call.name("id"));
    if (network.spec().isPredefined()) {
      throw new Refusal(403, network.name() + " is a pre-defined network and cannot be removed");
    }
    try {
      networks.remove(network.id());
    } catch (JcomposeException.Conflict e) {
      throw new Refusal(403, String.valueOf(e.getMessage()));
    }
    call.done(204);
  }

  private NetworkView find(String ref) {
    new DefaultBridge(networks).provide(ref);
    return networks
        .find(ref)
        .or(() -> PredefinedNetworks.find(ref))
        .orElseThrow(() -> new JcomposeException.NotFound("network " + ref + " not found"));
  }
}
