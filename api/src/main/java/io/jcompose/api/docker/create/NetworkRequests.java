package io.jcompose.api.docker.create;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.ContainerCreateRequest;
import io.jcompose.api.docker.model.EndpointSettings;
import io.jcompose.api.docker.model.HostConfig;
import io.jcompose.api.inspect.ExposedPorts;
import io.jcompose.api.inspect.ExposedPorts.Exposed;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The networks, ports and names of a container in the engine's words. Stateless. */
public final class NetworkRequests {
  /** The network that everybody shares who names none. */
  public static final String BRIDGE = "bridge";

  private static final String SETTINGS = "invalid endpoint settings:";
  private static final Pattern PORT =
      Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");
  private static final Pattern HOST_PORT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
  private static final int LAST_PORT = 65_535;
  private static final int MOST_PORTS = 1 << 16;

  private NetworkRequests() {}

  /**
   * Translates.
   *
   * @param others finds a container, or throws NotFound
   * @param joined gives {@code container:NAME} with the id in the name's place
   */
  static Networking of(
      ContainerCreateRequest asked,
      HostConfig host,
      ImageView image,
      UnaryOperator<String> joined,
      Function<String, ContainerView> others) {
    String mode = mode(asked, host);
    links(host.links()).values().forEach(target -> requireThere(target, others));
    boolean own = !Set.of("none", "host").contains(mode) && !mode.startsWith("container:");
    Map<String, EndpointSettings> settings = settings(asked);
    if (!own && mode.startsWith("container:")) {
      refuseBesideJoined(asked, host);
    }
    return new Networking(
        own ? "networks" : joined.apply(mode),
        own ? endpoints(mode, settings, Given.text(asked.macAddress()), host) : List.of(),
        own ? ports(host, asked, image) : List.of(),
        Given.texts(host.dns()),
        Given.texts(host.dnsSearch()),
        Given.texts(host.dnsOptions()),
        Given.texts(host.extraHosts()),
        exposed(asked));
  }

  private static void requireThere(String target, Function<String, ContainerView> others) {
    try {
      ContainerView _ = others.apply(target);
    } catch (JcomposeException.NotFound | Refusal e) {
      throw new Refusal(400, "could not get container for " + target + ": " + e.getMessage());
    }
  }

  private static String mode(ContainerCreateRequest asked, HostConfig host) {
    String mode = Given.text(host.networkMode());
    if (Given.is(asked.networkDisabled())) {
      return "none";
    }
    return mode.isEmpty() || mode.equals("default") ? BRIDGE : mode;
  }

  private static void refuseBesideJoined(ContainerCreateRequest asked, HostConfig host) {
    String what = "";
    if (!Given.text(asked.hostname()).isEmpty()) {
      what = "hostname and the network mode";
    } else if (!Given.texts(host.links()).isEmpty()) {
      what =
          "container type network can't be used with links. This would result in undefined"
              + " behavior";
    } else if (!Given.texts(host.dns()).isEmpty()) {
      what = "dns and the network mode";
    } else if (!Given.texts(host.extraHosts()).isEmpty()) {
      what = "custom host-to-IP mapping and the network mode";
    } else if ((host.portBindings() != null && !host.portBindings().isEmpty())
        || Given.is(host.publishAllPorts())) {
      what = "port publishing and the container type network mode";
    } else if (asked.exposedPorts() != null && !asked.exposedPorts().isEmpty()) {
      what = "port exposing and the container type network mode";
    }
    if (!what.isEmpty()) {
      throw new Refusal(400, "conflicting options: " + what);
    }
  }

  private static Map<String, EndpointSettings> settings(ContainerCreateRequest asked) {
    Map<String, EndpointSettings> settings = new TreeMap<>();
    if (asked.networkingConfig() != null && asked.networkingConfig().endpointsConfig() != null) {
      asked
          .networkingConfig()
          .endpointsConfig()
          .forEach(
              (name, one) ->
                  settings.put(
                      name.equals("default") ? BRIDGE : Given.text(name),
                      one == null ? EndpointSettings.NONE : one));
    }
    return settings;
  }

  /** That of the mode first, for its interface is; the others by their names. */
  private static List<EndpointSpec> endpoints(
      String mode, Map<String, EndpointSettings> settings, String mac, HostConfig host) {
    List<EndpointSpec> endpoints = new ArrayList<>();
    EndpointSpec first =
        asked(mode, settings.getOrDefault(mode, EndpointSettings.NONE), links(host.links()));
    endpoints.add(
        mac.isEmpty() || !first.macAddress().isEmpty() ? first : first.withMacAddress(mac));
    settings.forEach(
        (name, one) -> {
          if (!name.equals(mode)) {
            endpoints.add(asked(name, one, Map.of()));
          }
        });
    return endpoints;
  }

  /** One of several: which is wrong is told. */
  private static EndpointSpec asked(
      String network, EndpointSettings settings, Map<String, String> links) {
    try {
      return endpoint(network, settings, links);
    } catch (Refusal e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(SETTINGS)
          ? new Refusal(400, "invalid config for network " + network + ": " + message)
          : e;
    }
  }

  /**
   * One network with what is asked for on it.
   *
   * @param links names that the container alone knows, beside those of the settings
   * @throws Refusal (400) for what the network that all share cannot give
   */
  public static EndpointSpec endpoint(
      String network, EndpointSettings settings, Map<String, String> links) {
    EndpointSettings.IpamConfig addresses = settings.ipamConfig();
    String four = addresses == null ? "" : Given.text(addresses.ipv4Address());
    String six = addresses == null ? "" : Given.text(addresses.ipv6Address());
    List<String> aliases = Given.texts(settings.aliases());
    if (network.equals(BRIDGE)) {
      if (!four.isEmpty() || !six.isEmpty()) {
        throw invalid(
            "\n* user specified IP address is supported on user defined networks only\n* user"
                + " specified IP address is supported only when connecting to networks with user"
                + " configured subnets");
      }
      if (!aliases.isEmpty()) {
        throw invalid(
            "\nnetwork-scoped alias is supported only for containers in user defined networks");
      }
    }
    if (addresses != null && !Given.texts(addresses.linkLocalAddresses()).isEmpty()) {
      throw Refusal.notYet("link-local addresses of one's own");
    }
    Map<String, String> all = new LinkedHashMap<>(links);
    all.putAll(links(settings.links()));
    return new EndpointSpec(
        network,
        aliases,
        four,
        six,
        Given.text(settings.macAddress()),
        "",
        settings.gwPriority(),
        new EndpointOptions(Given.pairs(settings.driverOpts()), all, 0, 0));
  }

  private static Refusal invalid(String problems) {
    return new Refusal(400, SETTINGS + problems);
  }

  /** {@code container:alias}, to container by alias. */
  private static Map<String, String> links(@Nullable List<String> given) {
    Map<String, String> links = new LinkedHashMap<>();
    for (String link : Given.texts(given)) {
      String[] parts = link.split(":", -1);
      if (parts.length > 2 || parts[0].isEmpty()) {
        throw new Refusal(400, "bad format for links: " + Refusal.shown(link));
      }
      String target = parts[0].startsWith("/") ? parts[0].substring(1) : parts[0];
      links.put(parts.length < 2 || parts[1].isEmpty() ? target : parts[1], target);
    }
    return links;
  }

  private static List<String> exposed(ContainerCreateRequest asked) {
    List<String> ports = new ArrayList<>();
    requireFew(asked.exposedPorts(), "exposed ports");
    if (asked.exposedPorts() != null) {
      for (String text : asked.exposedPorts().keySet()) {
        Port port = Port.parse(text);
        ports.add(
            port.first + (port.last == port.first ? "" : "-" + port.last) + "/" + port.protocol);
      }
    }
    return ports;
  }

  private static List<PortSpec> ports(
      HostConfig host, ContainerCreateRequest asked, ImageView image) {
    List<PortSpec> ports = new ArrayList<>();
    requireFew(host.portBindings(), "published ports");
    if (host.portBindings() != null) {
      host.portBindings()
          .forEach(
              (text, bindings) -> {
                Port port = Port.parse(text);
                List<HostConfig.PortBinding> all =
                    bindings == null || bindings.isEmpty()
                        ? List.of(new HostConfig.PortBinding("", ""))
                        : Given.all(bindings);
                if (ports.size() + all.size() > MOST_PORTS) {
                  throw tooMany("published ports");
                }
                all.forEach(binding -> publish(port, binding, ports));
              });
    }
    if (Given.is(host.publishAllPorts())) {
      publishAll(asked, image, ports);
    }
    return ports;
  }

  private static void requireFew(@Nullable Map<String, ?> given, String what) {
    if (given != null && given.size() > MOST_PORTS) {
      throw tooMany(what);
    }
  }

  private static Refusal tooMany(String what) {
    return new Refusal(400, "more than " + MOST_PORTS + " " + what);
  }

  private static void publish(Port port, HostConfig.PortBinding binding, List<PortSpec> ports) {
    if (port.first != port.last) {
      throw new Refusal(400, "invalid port specification: " + port.first + "-" + port.last);
    }
    String text = Given.text(binding.hostPort());
    int first = 0;
    int last = 0;
    if (!text.isEmpty()) {
      Matcher range = HOST_PORT.matcher(text);
      boolean fits = range.matches();
      first = fits ? Integer.parseInt(range.group(1)) : -1;
      last = fits && range.group(2) != null ? Integer.parseInt(range.group(2)) : first;
      if (first < 0 || last < first || last > LAST_PORT) {
        throw new Refusal(400, "invalid port specification: " + Refusal.shown(text));
      }
    }
    ports.add(new PortSpec(Given.text(binding.hostIp()), first, last, port.first, port.protocol));
  }

  /** What is exposed, each at a free port of the host, unless it has one. */
  private static void publishAll(
      ContainerCreateRequest asked, ImageView image, List<PortSpec> ports) {
    Set<Exposed> stated =
        ports.stream()
            .map(port -> new Exposed(port.containerPort(), port.protocol()))
            .collect(Collectors.toSet());
    ExposedPorts.of(exposed(asked), image).stream()
        .filter(exposed -> !stated.contains(exposed))
        .forEach(
            exposed -> ports.add(new PortSpec("", 0, 0, exposed.number(), exposed.protocol())));
  }

  private record Port(int first, int last, String protocol) {
    static Port parse(String text) {
      Matcher matcher = PORT.matcher(Given.text(text));
      int first = matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
      int last = first < 0 || matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first < 0 || last < first || last > LAST_PORT) {
        throw new Refusal(
            400, "invalid port specification: " + Refusal.shown(text.split("/", 2)[0]));
      }
      return new Port(first, last, matcher.group(3) == null ? "tcp" : matcher.group(3));
    }
  }
}
