package io.jcompose.api.host;

import io.jcompose.api.answer.EachWord;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.GoTime;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.scheduler.Labels;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** {@code network create|inspect|ls|rm}: the networks of the host, of projects and of none. */
public final class NetworkCommands {
  private static final ListFormat LIST =
      ListFormat.of(
          "ID", 10, "ID", "NETWORK ID", "Name", "NAME", "Driver", "DRIVER", "Scope", "SCOPE");

  private final Containers containers;
  private final Networks networks;
  private final Function<CommandRequest, String> project;

  public NetworkCommands(Containers containers, Networks networks) {
    this(containers, networks, request -> "");
  }

  /**
   * @param project finds the name of a request's project
   */
  public NetworkCommands(
      Containers containers, Networks networks, Function<CommandRequest, String> project) {
    this.project = project;
    this.containers = containers;
    this.networks = networks;
  }

  String create(CommandRequest request) {
    NetworkSpec spec =
        new NetworkSpec(
            request.arguments().get(0),
            request.text("driver").equals("bridge") ? "" : request.text("driver"),
            VolumeCommands.pairs(request.list("opt"), "opt"),
            request.has("internal"),
            request.has("attachable"),
            request.has("ipv6"),
            pools(request),
            VolumeCommands.pairs(request.list("label"), ""));
    if (!Set.of("", "macvlan").contains(spec.driver())) {
      throw new JcomposeException.NotSupported(
          "network driver \"" + spec.driver() + "\" is not carried out; there are bridge, macvlan");
    }
    return networks.create(spec) + "\n";
  }

  /** As docker pairs them: the gateway, range and reserved addresses of a subnet are inside it. */
  private static List<Pool> pools(CommandRequest request) {
    List<String> subnets = request.list("subnet");
    boolean more =
        !request.list("gateway").isEmpty()
            || !request.list("ip-range").isEmpty()
            || !request.list("aux-address").isEmpty();
    if (subnets.isEmpty() && more) {
      throw new JcomposeException.InvalidArgument(
          "every ip-range, gateway or aux-address must have a corresponding subnet");
    }
    Map<String, String> reserved = VolumeCommands.pairs(request.list("aux-address"), "aux-address");
    List<Pool> pools = new ArrayList<>();
    for (String subnet : subnets) {
      boolean six = subnet.indexOf(':') >= 0;
      Map<String, String> own = new LinkedHashMap<>(reserved);
      own.values().removeIf(address -> address.indexOf(':') >= 0 != six);
      pools.add(
          new Pool(
              subnet,
              ofFamily(request.list("gateway"), six),
              ofFamily(request.list("ip-range"), six),
              own));
    }
    return pools;
  }

  private static String ofFamily(List<String> texts, boolean six) {
    return texts.stream().filter(text -> text.indexOf(':') >= 0 == six).findFirst().orElse("");
  }

  /**
   * @param ofProject only those of a project, unless the request asks for all
   */
  String list(CommandRequest request, boolean ofProject) {
    NamedFilters filters =
        NamedFilters.parse(request, List.of("dangling", "driver", "id", "label", "name", "scope"));
    Set<String> used = used();
    return LIST.render(
        request,
        networks.list(labels(request, ofProject)).stream()
            .filter(n -> filters.contains("name", n.name()))
            .filter(n -> filters.contains("id", n.id()))
            .filter(n -> filters.is("driver", driver(n)))
            .filter(n -> filters.is("scope", "local"))
            .filter(n -> filters.labels(n.spec().labels()))
            .filter(
                n ->
                    filters.isTruth("dangling", !used.contains(n.id()) && !used.contains(n.name())))
            .map(n -> row(n, request.has("no-trunc")))
            .toList());
  }

  private Map<String, String> labels(CommandRequest request, boolean ofProject) {
    return ofProject && !request.has("all-projects")
        ? Map.of(Labels.PROJECT, project.apply(request))
        : Map.of();
  }

  String inspect(CommandRequest request) {
    return EachWord.found(
        request.arguments(),
        word -> object(find(word)),
        found -> ListFormat.inspect(request, found));
  }

  String remove(CommandRequest request) {
    return EachWord.done(
        request.arguments(),
        name -> {
          if (request.has("force") && networks.find(name).isEmpty()) {
            return "";
          }
          NetworkView found = find(name);
          Set<String> used = used();
          if (used.contains(found.id()) || used.contains(found.name())) {
            throw new JcomposeException.Conflict(
                "network "
                    + found.name()
                    + " has containers: "
                    + String.join(", ", members(found))
                    + "; remove them first");
          }
          networks.remove(found.id());
          return name + "\n";
        });
  }

  /** Names and ids of networks that some container's specification has, running or not. */
  public Set<String> used() {
    return usedBeside(Set.of());
  }

  /** The same without those that only the containers of these names have. */
  Set<String> usedBeside(Set<String> leaving) {
    Set<String> used = new HashSet<>();
    containers.list(Map.of()).stream()
        .filter(view -> !leaving.contains(view.name()))
        .forEach(
            view -> view.spec().networking().endpoints().forEach(end -> used.add(end.network())));
    return used;
  }

  private List<String> members(NetworkView network) {
    return containers.list(Map.of()).stream()
        .filter(
            view ->
                view.spec().networking().endpoints().stream()
                    .anyMatch(
                        end ->
                            end.network().equals(network.id())
                                || end.network().equals(network.name())))
        .map(ContainerView::name)
        .toList();
  }

  private NetworkView find(String ref) {
    return networks
        .find(ref)
        .orElseThrow(() -> new JcomposeException.NotFound("network " + ref + " not found"));
  }

  private static String driver(NetworkView network) {
    return network.spec().driver().isEmpty() ? "bridge" : network.spec().driver();
  }

  private static Map<String, Object> row(NetworkView network, boolean whole) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("CreatedAt", GoTime.nanos(network.createdAt(), ZoneId.systemDefault()));
    row.put("Driver", driver(network));
    row.put("ID", whole ? network.id() : Ids.brief(network.id()));
    row.put("IPv4", "true");
    row.put("IPv6", String.valueOf(network.spec().ipv6()));
    row.put("Internal", String.valueOf(network.spec().internal()));
    row.put("Labels", HumanText.pairs(network.spec().labels()));
    row.put("Name", network.name());
    row.put("Scope", "local");
    return row;
  }

  /** A network as {@code inspect} shows it; empty when there is none. */
  public Optional<Map<String, Object>> object(String ref) {
    return networks.find(ref).map(this::object);
  }

  /** A network as Docker shows it. */
  public Map<String, Object> object(NetworkView network) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Name", network.name());
    object.put("Id", network.id());
    object.put("Created", network.createdAt().toString()); // as JSON has it, not a list
    object.put("Scope", "local");
    object.put("Driver", driver(network));
    object.put("EnableIPv4", true);
    object.put("EnableIPv6", network.spec().ipv6());
    object.put("IPAM", ipam(network));
    object.put("Internal", network.spec().internal());
    object.put("Attachable", network.spec().attachable());
    object.put("Ingress", false);
    object.put("ConfigFrom", Map.of("Network", ""));
    object.put("ConfigOnly", false);
    object.put("Containers", endpoints(network));
    object.put("Options", new TreeMap<>(network.spec().options()));
    object.put("Labels", new TreeMap<>(network.spec().labels()));
    return object;
  }

  private static Map<String, Object> ipam(NetworkView network) {
    List<Object> pools = new ArrayList<>();
    for (Pool pool : network.spec().pools()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("Subnet", pool.subnet());
      if (!pool.ipRange().isEmpty()) {
        one.put("IPRange", pool.ipRange());
      }
      one.put("Gateway", pool.gateway());
      if (!pool.auxAddresses().isEmpty()) {
        one.put("AuxiliaryAddresses", new TreeMap<>(pool.auxAddresses()));
      }
      pools.add(one);
    }
    Map<String, Object> ipam = new LinkedHashMap<>();
    ipam.put("Driver", "default");
    ipam.put("Options", network.spec().isPredefined() ? null : Map.of());
    ipam.put("Config", pools);
    return ipam;
  }

  /** With the length of its subnet's prefix, as Docker shows addresses here. */
  private static String inSubnet(String address, NetworkView network) {
    if (address.isEmpty()) {
      return "";
    }
    return network.spec().pools().stream()
        .map(Pool::subnet)
        .filter(subnet -> subnet.contains(":") == address.contains(":"))
        .map(subnet -> address + subnet.substring(subnet.indexOf('/')))
        .findFirst()
        .orElse(address);
  }

  /** Those that run, by their ids. */
  private Map<String, Object> endpoints(NetworkView network) {
    Map<String, Object> all = new TreeMap<>();
    for (ContainerView view : containers.list(Map.of())) {
      for (ContainerView.EndpointView end : view.endpoints()) {
        if (view.isRunning() && end.networkId().equals(network.id())) {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("Name", view.name());
          one.put("EndpointID", OpaqueIds.endpoint(view.id(), network.id()));
          one.put("MacAddress", end.macAddress());
          one.put("IPv4Address", inSubnet(end.ipv4Address(), network));
          one.put("IPv6Address", inSubnet(end.ipv6Address(), network));
          all.put(view.id(), one);
        }
      }
    }
    return all;
  }
}
