package io.jcompose.api.inspect;

import io.jcompose.api.host.OpaqueIds;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.Ids;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The {@code NetworkSettings} of {@code inspect}; addresses are there while the container runs. */
public final class NetworkSettingsJson {
  static final String BRIDGE = "bridge";

  private NetworkSettingsJson() {}

  static Map<String, Object> of(ContainerView view, List<String> exposed, Networks networks) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("Bridge", "");
    settings.put("SandboxID", view.pid() == 0 ? "" : OpaqueIds.sandbox(view));
    settings.put("SandboxKey", view.pid() == 0 ? "" : "/proc/" + view.pid() + "/ns/net");
    settings.put("Ports", ports(view, exposed));
    settings.put("HairpinMode", false);
    settings.put("LinkLocalIPv6Address", "");
    settings.put("LinkLocalIPv6PrefixLen", 0);
    settings.put("SecondaryIPAddresses", null);
    settings.put("SecondaryIPv6Addresses", null);
    Map<String, Object> endpoints = endpoints(view, networks);
    bridge(settings, endpoints.get(BRIDGE));
    settings.put("Networks", endpoints);
    return settings;
  }

  /** What Docker shows of its default bridge beside the networks. */
  private static void bridge(Map<String, Object> settings, @Nullable Object endpoint) {
    Map<?, ?> bridge = endpoint instanceof Map<?, ?> members ? members : Map.of();
    for (String name : List.of("EndpointID", "Gateway", "GlobalIPv6Address")) {
      settings.put(name, Objects.requireNonNullElse(bridge.get(name), ""));
    }
    settings.put(
        "GlobalIPv6PrefixLen", Objects.requireNonNullElse(bridge.get("GlobalIPv6PrefixLen"), 0));
    settings.put("IPAddress", Objects.requireNonNullElse(bridge.get("IPAddress"), ""));
    settings.put("IPPrefixLen", Objects.requireNonNullElse(bridge.get("IPPrefixLen"), 0));
    for (String name : List.of("IPv6Gateway", "MacAddress")) {
      settings.put(name, Objects.requireNonNullElse(bridge.get(name), ""));
    }
  }

  /** The container on each of its networks, by their names. */
  public static Map<String, Object> endpoints(ContainerView view, Networks networks) {
    Map<String, Object> all = new TreeMap<>();
    PredefinedNetworks.of(view)
        .ifPresent(
            network -> {
              EndpointView none =
                  new EndpointView(network.name(), network.id(), "", "", "", "", List.of());
              all.put(network.name(), endpoint(view, none, network));
            });
    for (EndpointView endpoint : view.endpoints()) {
      NetworkView network = networks.find(endpoint.networkName()).orElse(null);
      all.put(endpoint.networkName(), endpoint(view, endpoint, network));
    }
    return all;
  }

  /** Those that are not published are there as null while the container runs. */
  private static Map<String, Object> ports(ContainerView view, List<String> exposed) {
    Map<String, Object> ports = new TreeMap<>();
    for (ContainerView.PortBinding port : view.ports()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("HostIp", port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp());
      one.put("HostPort", String.valueOf(port.hostPort()));
      HostConfigJson.append(ports, port.containerPort() + "/" + port.protocol(), one);
    }
    if (ExposedPorts.areTold(view)) {
      exposed.forEach(port -> ports.putIfAbsent(port, null));
    }
    return ports;
  }

  private static Map<String, Object> endpoint(
      ContainerView view, EndpointView endpoint, @Nullable NetworkView network) {
    boolean six = !endpoint.ipv6Address().isEmpty();
    EndpointSpec spec = spec(view, endpoint.networkName());
    String id =
        endpoint.networkId().isEmpty() && network != null ? network.id() : endpoint.networkId();
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("IPAMConfig", asked(spec));
    boolean shared = endpoint.networkName().equals(BRIDGE);
    one.put("Links", shared ? null : links(spec.options().links()));
    one.put("Aliases", endpoint.aliases().isEmpty() ? null : endpoint.aliases());
    boolean started = view.startedAt() != null;
    one.put("MacAddress", started ? endpoint.macAddress() : spec.macAddress());
    Map<String, String> options = spec.options().driverOptions();
    one.put("DriverOpts", options.isEmpty() ? null : new TreeMap<>(options));
    one.put("GwPriority", spec.gatewayPriority());
    one.put("NetworkID", id);
    one.put("EndpointID", view.isRunning() ? OpaqueIds.endpoint(view.id(), id) : "");
    one.put("Gateway", endpoint.gateway());
    one.put("IPAddress", endpoint.ipv4Address());
    one.put("IPPrefixLen", endpoint.ipv4Address().isEmpty() ? 0 : prefix(network, false));
    one.put("IPv6Gateway", six ? gateway(network) : "");
    one.put("GlobalIPv6Address", endpoint.ipv6Address());
    one.put("GlobalIPv6PrefixLen", six ? prefix(network, true) : 0);
    one.put("DNSNames", names(view, endpoint));
    return one;
  }

  private static @Nullable List<String> links(Map<String, String> links) {
    List<String> all = new ArrayList<>();
    new TreeMap<>(links).forEach((name, target) -> all.add(target + ":" + name));
    return all.isEmpty() ? null : all;
  }

  /** What a name server tells; of a container that is yet to be started Docker says nothing. */
  private static @Nullable List<String> names(ContainerView view, EndpointView endpoint) {
    if (view.startedAt() == null || PredefinedNetworks.of(view).isPresent()) {
      return null;
    }
    List<String> names = new ArrayList<>(List.of(view.name()));
    names.addAll(endpoint.aliases());
    names.add(Ids.brief(view.id()));
    names.add(view.spec().process().hostname());
    return names.stream().filter(name -> !name.isEmpty()).distinct().toList();
  }

  private static EndpointSpec spec(ContainerView view, String network) {
    return view.spec().networking().endpoints().stream()
        .filter(spec -> spec.network().equals(network))
        .findFirst()
        .orElseGet(() -> EndpointSpec.of(network, List.of()));
  }

  private static @Nullable Map<String, Object> asked(EndpointSpec spec) {
    Map<String, Object> asked = new LinkedHashMap<>();
    put(asked, "IPv4Address", spec.ipv4Address());
    put(asked, "IPv6Address", spec.ipv6Address());
    return asked.isEmpty() ? null : asked;
  }

  private static void put(Map<String, Object> map, String key, String value) {
    if (!value.isEmpty()) {
      map.put(key, value);
    }
  }

  private static int prefix(@Nullable NetworkView network, boolean six) {
    return pools(network, six).stream()
        .map(Networks.Pool::subnet)
        .mapToInt(subnet -> Integer.parseInt(subnet.substring(subnet.indexOf('/') + 1)))
        .findFirst()
        .orElse(0);
  }

  private static String gateway(@Nullable NetworkView network) {
    if (network != null && network.spec().internal()) {
      return ""; // nothing leads out
    }
    return pools(network, true).stream().map(Networks.Pool::gateway).findFirst().orElse("");
  }

  private static List<Networks.Pool> pools(@Nullable NetworkView network, boolean six) {
    return network == null
        ? List.of()
        : network.spec().pools().stream()
            .filter(pool -> pool.subnet().contains(":") == six)
            .toList();
  }
}
