package io.jcompose.compose;

import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The short form of ports: {@code [ip:][host[-host]:]container[-container][/protocol]}. */
final class PortSyntax {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

  private final Problems problems;

  PortSyntax(Problems problems) {
    this.problems = problems;
  }

  /** The ports in long form, one for each container port; none when it is wrong. */
  List<Node> ports(Scalar scalar, String path) {
    String text = scalar.text();
    int slash = text.lastIndexOf('/');
    String protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
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
      problems.error(scalar.position, path, "Invalid containerPort: " + target);
      return List.of();
    }
    if (outside == null) {
      problems.error(scalar.position, path, "Invalid hostPort: " + published);
      return List.of();
    }
    if (!PROTOCOLS.contains(protocol)) {
      problems.error(scalar.position, path, "Invalid proto: " + protocol);
      return List.of();
    }
    if (!ip.isEmpty() && !IpText.isAddress(ip)) {
      problems.error(scalar.position, path, "Invalid ip address: " + ip);
      return List.of();
    }
    int count = inside[1] - inside[0];
    boolean oneOfRange = count == 0 && outside[1] > outside[0];
    if (!published.isEmpty() && !oneOfRange && outside[1] - outside[0] != count) {
      problems.error(
          scalar.position,
          path,
          "Invalid ranges specified for container and host Ports: " + target + " and " + published);
      return List.of();
    }
    List<Node> result = new ArrayList<>();
    if (!problems.limits.addValues(count * 6)) {
      problems.error(scalar.position, path, problems.limits.tooManyValues());
      return List.of();
    }
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
}
