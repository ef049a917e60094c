package io.jcompose.api.inspect;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Ids;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The {@code NetworkSettings} of {@code inspect}; addresses are there while the container runs. */
public final class NetworkSettingsJson {
  private NetworkSettingsJson() {}

  static Map<String, Object> of(ContainerView view, List<String> exposed, Networks networks) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("Bridge", "");
    settings.put("SandboxID", "");
    settings.put("SandboxKey", view.pid() == 0 ? "" : "/proc/" + view.pid() + "/ns/net");
    settings.put("Ports", ports(view, exposed));
    settings.put("HairpinMode", false);
    settings.put("LinkLocalIPv6Address", "");
    settings.put("LinkLocalIPv6PrefixLen", 0);
    settings.put("SecondaryIPAddresses", null);
    settings.put("SecondaryIPv6Addresses", null);
    settings.put("EndpointID", ""); // here and below: of Docker's default bridge
    settings.put("Gateway", "");
    settings.put("GlobalIPv6Address", "");
    settings.put("GlobalIPv6PrefixLen", 0);
    settings.put("IPAddress", "");
    settings.put("IPPrefixLen", 0);
    settings.put("IPv6Gateway", "");
    settings.put("MacAddress", "");
    settings.put("Networks", endpoints(view, networks));
    return settings;
  }

  /** The container on each of its networks, by their names. */
  public static Map<String, Object> endpoints(ContainerView view, Networks networks) {
    Map<String, Object> all = new TreeMap<>();
    for (ContainerView.EndpointView endpoint : view.endpoints()) {
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
      ContainerView view, ContainerView.EndpointView endpoint, @Nullable NetworkView network) {
    boolean six = !endpoint.ipv6Address().isEmpty();
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("IPAMConfig", asked(view, endpoint.networkName()));
    one.put("Links", null);
    one.put("Aliases", endpoint.aliases());
    one.put("MacAddress", endpoint.macAddress());
    one.put("DriverOpts", null);
    one.put("GwPriority", priority(view, endpoint.networkName()));
    one.put(
        "NetworkID",
        endpoint.networkId().isEmpty() && network != null ? network.id() : endpoint.networkId());
    one.put("EndpointID", "");
    one.put("Gateway", endpoint.gateway());
    one.put("IPAddress", endpoint.ipv4Address());
    one.put("IPPrefixLen", endpoint.ipv4Address().isEmpty() ? 0 : prefix(network, false));
    one.put("IPv6Gateway", six ? gateway(network) : "");
    one.put("GlobalIPv6Address", endpoint.ipv6Address());
    one.put("GlobalIPv6PrefixLen", six ? prefix(network, true) : 0);
    one.put("DNSNames", names(view, endpoint));
    return one;
  }

  private static List<String> names(ContainerView view, ContainerView.EndpointView endpoint) {
    List<String> names = new ArrayList<>(List.of(view.name()));
    names.addAll(endpoint.aliases());
    names.add(Ids.brief(view.id()));
    names.add(view.spec().process().hostname());
    return names.stream().filter(name -> !name.isEmpty()).distinct().toList();
  }

  private static @Nullable Map<String, Object> asked(ContainerView view, String network) {
    Map<String, Object> asked = new LinkedHashMap<>();
    for (EndpointSpec spec : view.spec().networking().endpoints()) {
      if (spec.network().equals(network)) {
        put(asked, "IPv4Address", spec.ipv4Address());
        put(asked, "IPv6Address", spec.ipv6Address());
      }
    }
    return asked.isEmpty() ? null : asked;
  }

  private static int priority(ContainerView view, String network) {
    return view.spec().networking().endpoints().stream()
        .filter(spec -> spec.network().equals(network))
        .mapToInt(EndpointSpec::gatewayPriority)
        .findFirst()
        .orElse(0);
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
