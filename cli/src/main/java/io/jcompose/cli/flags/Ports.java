package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * {@code -p} and {@code --expose}: the ports of a container and their places on the host
 * (docker/go-connections, nat). Confined to one thread.
 */
final class Ports {
  private static final int LAST = 65_535;
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private final Map<String, Object> exposed = new LinkedHashMap<>();
  private final Map<String, List<Map<String, Object>>> bindings = new LinkedHashMap<>();

  /** Takes all that the flags say. */
  static Ports of(Flags flags) {
    Ports ports = new Ports();
    flags.all("publish").forEach(ports::publish);
    flags.all("expose").forEach(ports::expose);
    return ports;
  }

  /** Each with an empty object. */
  Map<String, Object> exposed() {
    return exposed;
  }

  Map<String, List<Map<String, Object>>> bindings() {
    return bindings;
  }

  private record Range(int first, int last) {
    int length() {
      return last - first;
    }

    /** Null for what is none. */
    static Range parse(String text, String wrong) {
      String[] ends = text.split("-", -1);
      if (ends.length > 2) {
        throw InvalidFlag.conflict(wrong);
      }
      Range range = new Range(port(ends[0], wrong), port(ends[ends.length - 1], wrong));
      if (range.length() < 0) {
        throw InvalidFlag.conflict(wrong);
      }
      return range;
    }

    private static int port(String text, String wrong) {
      int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : LAST + 1;
      if (port > LAST) {
        throw InvalidFlag.conflict(wrong);
      }
      return port;
    }
  }

  private void publish(String given) {
    String text = given.contains("=") ? shortForm(given) : given;
    String[] parts = text.split(":", -1);
    String inside = parts[parts.length - 1];
    String host = parts.length > 1 ? parts[parts.length - 2] : "";
    String address =
        parts.length > 2 ? String.join(":", List.of(parts).subList(0, parts.length - 2)) : "";
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    if (!address.isEmpty() && !ADDRESS.matcher(address).matches()) {
      throw InvalidFlag.conflict("Invalid ip address: " + address);
    }
    String protocol = protocol(inside);
    String port = inside.split("/", 2)[0];
    if (port.isEmpty()) {
      throw InvalidFlag.conflict("No port specified: " + text + "<empty>");
    }
    Range to = Range.parse(port, "Invalid containerPort: " + port);
    Range from = host.isEmpty() ? to : Range.parse(host, "Invalid hostPort: " + host);
    if (from.length() != to.length() && to.length() > 0) {
      throw InvalidFlag.conflict(
          "Invalid ranges specified for container and host Ports: " + port + " and " + host);
    }
    requireKnown(protocol);
    for (int i = 0; i <= to.length(); i++) {
      String name = (to.first + i) + "/" + protocol;
      exposed.put(name, Map.of());
      bindings.computeIfAbsent(name, _ -> new ArrayList<>()).add(place(address, host, from, to, i));
    }
  }

  private static Map<String, Object> place(
      String address, String host, Range from, Range to, int index) {
    String port = host.isEmpty() ? "" : String.valueOf(from.first + index);
    if (!host.isEmpty() && to.length() == 0 && from.length() > 0) {
      port = from.first + "-" + from.last; // any of them
    }
    Map<String, Object> place = new LinkedHashMap<>();
    place.put("HostIp", address);
    place.put("HostPort", port);
    return place;
  }

  /** {@code published=80,target=8080} is {@code 80:8080/tcp}. */
  private static String shortForm(String text) {
    Map<String, String> members = new LinkedHashMap<>(Map.of("protocol", "tcp"));
    for (String member : text.split(",", -1)) {
      int equals = member.indexOf('=');
      if (equals < 1) {
        throw InvalidFlag.conflict(
            "invalid publish opts format (should be name=value but got '" + member + "')");
      }
      members.put(member.substring(0, equals), member.substring(equals + 1));
    }
    return members.getOrDefault("published", "")
        + ":"
        + members.getOrDefault("target", "")
        + "/"
        + members.get("protocol");
  }

  private void expose(String text) {
    if (text.contains(":")) {
      throw InvalidFlag.conflict("invalid port format for --expose: " + text);
    }
    String protocol = protocol(text);
    String wrong = "invalid range format for --expose: " + text + ", error: invalid port";
    Range range = Range.parse(text.split("/", 2)[0], wrong);
    for (int port = range.first; port <= range.last; port++) {
      exposed.putIfAbsent(port + "/" + protocol, Map.of());
    }
  }

  private static String protocol(String text) {
    int slash = text.indexOf('/');
    String protocol = slash < 0 ? "" : text.substring(slash + 1);
    return protocol.isEmpty() ? "tcp" : protocol;
  }

  private static void requireKnown(String protocol) {
    if (!List.of("tcp", "udp", "sctp").contains(protocol.toLowerCase(java.util.Locale.ROOT))) {
      throw InvalidFlag.conflict("Invalid proto: " + protocol);
    }
  }
}
