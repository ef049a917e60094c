package io.jcompose.compose;

import io.jcompose.compose.Node.ListNode;
import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the short forms of ports, volumes, devices and the like out into mappings. */
final class ShortForms {
  private static final Set<String> PROPAGATION =
      Set.of("rprivate", "private", "rshared", "shared", "rslave", "slave");
  private static final Set<String> FORMATS_OF_PORTS = Set.of("tcp", "udp", "sctp");

  private final Problems problems;

  ShortForms(Problems problems) {
    this.problems = problems;
  }

  /** A list that a single value may stand for. */
  Node wholeList(Node node, String element) {
    if (element.equals("devreq") && node instanceof Scalar scalar && scalar.text().equals("all")) {
      ListNode list = new ListNode(node.position);
      MapNode all = new MapNode(node.position);
      all.put("count", -1L);
      list.items.add(all);
      return list;
    }
    if (element.equals("envfile") && !(node instanceof ListNode) && !node.isNull()) {
      ListNode list = new ListNode(node.position);
      list.items.add(node);
      return list;
    }
    return node;
  }

  /** A mapping that a list of keys may stand for. */
  Node listAsMap(Node node, String element) {
    if (!(node instanceof ListNode list)
        || !Set.of("dependency", "attachment", "modeluse").contains(element)) {
      return node;
    }
    MapNode map = new MapNode(node.position);
    for (Node item : list.items) {
      if (!(item instanceof Scalar scalar) || !(scalar.value instanceof String key)) {
        return node;
      }
      MapNode dependency = new MapNode(item.position);
      dependency.put("condition", "service_started");
      dependency.put("required", true);
      map.entries.put(
          key, element.equals("dependency") ? dependency : new Scalar(null, item.position));
    }
    return map;
  }

  /** A list's item, which stands for several where it names a range of ports. */
  List<Node> expand(Node item, String element, String path) {
    return element.equals("port") && item instanceof Scalar scalar
        ? ports(scalar, path)
        : List.of(item);
  }

  /** An object that a scalar may stand for; null when it is wrong, which is recorded. */
  @Nullable Node object(Node node, String type, String path) {
    if (node instanceof MapNode map) {
      return longForm(map, type, path);
    }
    if (!(node instanceof Scalar scalar)) {
      return node;
    }
    String text = scalar.text();
    MapNode map = new MapNode(node.position);
    switch (type) {
      case "build" -> map.put("context", text);
      case "include" -> map.put("path", text);
      case "extends" -> map.put("service", text);
      case "fileref" -> map.put("source", text);
      case "envfile" -> {
        map.put("path", text);
        map.put("required", true);
      }
      case "ulimit" -> map.entries.put("single", scalar);
      case "device" -> device(text, map);
      case "mount" -> {
        return mount(scalar, map, path);
      }
      default -> {
        return node;
      }
    }
    return map;
  }

  /** Long forms with old spellings or defaults. */
  private Node longForm(MapNode map, String type, String path) {
    switch (type) {
      case "dependency" -> {
        map.entries.putIfAbsent("required", new Scalar(true, map.position));
        if (!map.entries.containsKey("condition")) {
          problems.error(map.position, path, "missing property 'condition'");
        }
      }
      case "envfile" -> map.entries.putIfAbsent("required", new Scalar(true, map.position));
      case "port" -> {
        map.entries.putIfAbsent("mode", new Scalar("ingress", map.position));
        map.entries.putIfAbsent("protocol", new Scalar("tcp", map.position));
        if (!map.entries.containsKey("target")) {
          problems.error(map.position, path, "missing property 'target'");
        }
      }
      case "mount" -> mountDefaults(map, path);
      case "network", "volume", "config", "secret" -> {
        if (map.get("external") instanceof MapNode old) {
          problems.warn(
              old.position,
              path,
              "external.name is deprecated. Please set name and external: true");
          Node name = old.get("name");
          if (name != null) {
            map.entries.putIfAbsent("name", name);
          }
          map.put("external", true);
        }
      }
      default -> {}
    }
    return map;
  }

  private void mountDefaults(MapNode map, String path) {
    String type = map.text("type");
    if (type.isEmpty()) {
      problems.error(map.position, path, "missing property 'type'");
    } else if (!Set.of("bind", "volume", "tmpfs", "image", "cluster", "npipe").contains(type)) {
      problems.error(
          map.position,
          path + ".type",
          "must be one of 'bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'"
              + Problems.suggestion(type, List.of("bind", "volume", "tmpfs", "image")));
    }
    if (type.equals("volume") && !map.entries.containsKey("volume")) {
      map.entries.put("volume", new MapNode(map.position));
    }
  }

  private static void device(String text, MapNode map) {
    String[] parts = text.split(":", -1);
    map.put("source", parts[0]);
    map.put("target", parts.length > 1 ? parts[1] : parts[0]);
    if (text.startsWith("/")) {
      map.put("permissions", parts.length > 2 ? parts[2] : "rwm");
    }
  }

  private List<Node> ports(Scalar scalar, String path) {
    String text = scalar.text();
    int slash = text.lastIndexOf('/');
    String protocol =
        slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(java.util.Locale.ROOT);
    String rest = slash < 0 ? text : text.substring(0, slash);
    int last = rest.lastIndexOf(':');
    String target = rest.substring(last + 1);
    String host = last < 0 ? "" : rest.substring(0, last);
    int middle = host.startsWith("[") ? host.indexOf("]:") + 1 : host.lastIndexOf(':');
    String ip = middle <= 0 ? "" : host.substring(0, middle);
    String published =
        middle < 0 ? host : host.substring(middle + (middle == 0 && !host.startsWith(":") ? 0 : 1));
    if (ip.startsWith("[") && ip.endsWith("]")) {
      ip = ip.substring(1, ip.length() - 1);
    }
    int[] inside = range(target);
    int[] outside = published.isEmpty() ? new int[] {0, 0} : range(published);
    if (inside == null || inside[0] == 0) {
      problems.error(scalar.position, path, "invalid containerPort: " + target);
      return List.of();
    }
    if (outside == null) {
      problems.error(scalar.position, path, "invalid hostPort: " + published);
      return List.of();
    }
    if (!FORMATS_OF_PORTS.contains(protocol)) {
      problems.error(scalar.position, path, "invalid proto: " + protocol);
      return List.of();
    }
    if (!ip.isEmpty() && !isAddress(ip)) {
      problems.error(scalar.position, path, "invalid IP address: " + ip);
      return List.of();
    }
    int count = inside[1] - inside[0];
    boolean oneOfRange = count == 0 && outside[1] > outside[0];
    if (!published.isEmpty() && !oneOfRange && outside[1] - outside[0] != count) {
      problems.error(
          scalar.position,
          path,
          "invalid ranges specified for container and host Ports: '"
              + target
              + "' and '"
              + published
              + "'");
      return List.of();
    }
    List<Node> result = new ArrayList<>();
    for (int i = 0; i <= count; i++) {
      MapNode port = new MapNode(scalar.position);
      port.put("mode", "ingress");
      if (!ip.isEmpty()) {
        port.put("host_ip", ip);
      }
      port.put("target", (long) (inside[0] + i));
      if (!published.isEmpty()) {
        port.put("published", oneOfRange ? published : Integer.toString(outside[0] + i));
      }
      port.put("protocol", protocol);
      result.add(port);
    }
    return result;
  }

  private static boolean isAddress(String text) {
    if (text.indexOf(':') >= 0) {
      return text.chars()
          .allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.' || c == '%');
    }
    String[] parts = text.split("\\.", -1);
    for (String part : parts) {
      if (part.isEmpty()
          || part.length() > 3
          || !part.chars().allMatch(Character::isDigit)
          || Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return parts.length == 4;
  }

  /** First and last of {@code a} or {@code a-b}; null when they are no ports. */
  static int @Nullable [] range(String text) {
    int dash = text.indexOf('-');
    try {
      int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(text.substring(dash + 1));
      return first < 0 || last < first || last > 65535 ? null : new int[] {first, last};
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private @Nullable Node mount(Scalar scalar, MapNode map, String path) {
    String text = scalar.text();
    List<String> parts = split(text);
    if (text.isEmpty() || parts.contains("") || parts.size() > 3) {
      problems.error(
          scalar.position,
          path,
          "invalid spec: "
              + text
              + ": "
              + (text.isEmpty() || parts.contains("")
                  ? "empty section between colons"
                  : "too many colons"));
      return null;
    }
    if (parts.size() == 1) {
      map.put("type", "volume");
      map.put("target", clean(parts.getFirst()));
      map.entries.put("volume", new MapNode(map.position));
      return map;
    }
    String source = parts.get(0);
    boolean bind = isPath(source);
    map.put("type", bind ? "bind" : "volume");
    map.put("source", source);
    map.put("target", clean(parts.get(1)));
    MapNode options = new MapNode(map.position);
    if (bind) {
      options.put("create_host_path", true);
    }
    for (String option : parts.size() < 3 ? new String[0] : parts.get(2).split(",")) {
      option(option, map, options, bind, scalar, path);
    }
    map.entries.put(bind ? "bind" : "volume", options);
    return map;
  }

  private void option(
      String option, MapNode map, MapNode options, boolean bind, Scalar scalar, String path) {
    switch (option) {
      case "ro" -> map.put("read_only", true);
      case "rw", "" -> {}
      case "nocopy" -> {
        if (!bind) {
          options.put("nocopy", true);
        }
      }
      case "z", "Z" -> {
        if (bind) {
          options.put("selinux", option);
        }
      }
      case "cached", "delegated", "consistent" -> map.put("consistency", option);
      default -> {
        if (PROPAGATION.contains(option)) {
          if (bind) {
            options.put("propagation", option);
          }
        } else {
          problems.warn(
              scalar.position,
              path,
              "unknown volume option "
                  + option
                  + " is ignored"
                  + Problems.suggestion(
                      option, List.of("ro", "rw", "nocopy", "z", "rshared", "rslave", "rprivate")));
        }
      }
    }
  }

  /** Splits at colons, but not after a Windows drive letter before a backslash. */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      boolean drive = i == start + 1 && i + 1 < text.length() && text.charAt(i + 1) == '\\';
      if (text.charAt(i) == ':' && !drive) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  static boolean isPath(String source) {
    char first = source.charAt(0);
    return first == '.'
        || first == '/'
        || first == '~'
        || first == '\\'
        || (source.length() > 2 && source.charAt(1) == ':');
  }

  /** Go's path.Clean. */
  static String clean(String path) {
    if (path.isEmpty() || path.indexOf('\\') >= 0) {
      return path;
    }
    boolean rooted = path.startsWith("/");
    List<String> out = new ArrayList<>();
    for (String part : path.split("/")) {
      if (part.equals("..") && !out.isEmpty() && !out.getLast().equals("..")) {
        out.removeLast();
      } else if (!part.isEmpty() && !part.equals(".") && !(part.equals("..") && rooted)) {
        out.add(part);
      }
    }
    String joined = (rooted ? "/" : "") + String.join("/", out);
    return joined.isEmpty() ? "." : joined;
  }
}
