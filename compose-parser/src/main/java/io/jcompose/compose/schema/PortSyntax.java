package io.jcompose.compose.schema;

import io.jcompose.compose.tree.IpText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The short form of ports: {@code [ip:][host[-host]:]container[-container][/protocol]}. */
public final class PortSyntax {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

  private final Problems problems;

  public PortSyntax(Problems problems) {
    this.problems = problems;
  }

  /** The ports in long form, one for each container port; none when it is wrong. */
  public List<Node> ports(Scalar scalar, String path) {
    Parts parts = Parts.of(scalar.text());
    int[] inside = range(parts.target);
    int[] outside = parts.published.isEmpty() ? new int[] {0, 0} : range(parts.published);
    if (inside == null || inside[0] == 0) {
      return wrong(scalar, path, "Invalid containerPort: " + parts.target);
    }
    if (outside == null) {
      return wrong(scalar, path, "Invalid hostPort: " + parts.published);
    }
    if (!PROTOCOLS.contains(parts.protocol)) {
      return wrong(scalar, path, "Invalid proto: " + parts.protocol);
    }
    if (!parts.ip.isEmpty() && !IpText.isAddress(parts.ip)) {
      return wrong(scalar, path, "Invalid ip address: " + parts.ip);
    }
    int more = inside[1] - inside[0];
    boolean oneOfRange = more == 0 && outside[1] > outside[0];
    if (!parts.published.isEmpty() && !oneOfRange && outside[1] - outside[0] != more) {
      return wrong(
          scalar,
          path,
          "Invalid ranges specified for container and host Ports: "
              + parts.target
              + " and "
              + parts.published);
    }
    if (!problems.limits.addValues(more * 6)) {
      return wrong(scalar, path, problems.limits.tooManyValues());
    }
    List<Node> result = new ArrayList<>();
    for (int i = 0; i <= more; i++) {
      String published = oneOfRange ? parts.published : Integer.toString(outside[0] + i);
      result.add(port(scalar, parts, inside[0] + i, published));
    }
    return result;
  }

  private List<Node> wrong(Scalar scalar, String path, String problem) {
    problems.error(scalar.position, path, problem);
    return List.of();
  }

  private static MapNode port(Scalar scalar, Parts parts, long target, String published) {
    MapNode port = new MapNode(scalar.position);
    port.put("mode", "ingress");
    if (!parts.ip.isEmpty()) {
      port.put("host_ip", parts.ip);
    }
    port.put("target", target);
    if (!parts.published.isEmpty()) {
      port.put("published", published);
    }
    port.put("protocol", parts.protocol);
    return port;
  }

  /** First and last of {@code a} or {@code a-b}; null when they are no ports. */
  public static int @Nullable [] range(String text) {
    int dash = text.indexOf('-');
    try {
      int first = number(dash < 0 ? text : text.substring(0, dash));
      int last = dash < 0 ? first : number(text.substring(dash + 1));
      return last < first || last > 65535 ? null : new int[] {first, last};
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Digits alone: Java's own parser takes signs and the digits of all scripts. */
  private static int number(String text) {
    if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new NumberFormatException(text);
    }
    return Integer.parseInt(text);
  }

  /** The text's parts as they stand there; empty when it lacks one. */
  private record Parts(String ip, String published, String target, String protocol) {
    static Parts of(String text) {
      int slash = text.lastIndexOf('/');
      String protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
      String rest = slash < 0 ? text : text.substring(0, slash);
      int last = rest.lastIndexOf(':');
      String target = rest.substring(last + 1);
      String host = last < 0 ? "" : rest.substring(0, last);
      int middle = host.startsWith("[") ? host.indexOf("]:") + 1 : host.lastIndexOf(':');
      String ip = middle <= 0 ? "" : host.substring(0, middle);
      String published =
          middle < 0
              ? host
              : host.substring(middle + (middle == 0 && !host.startsWith(":") ? 0 : 1));
      if (ip.startsWith("[") && ip.endsWith("]")) {
        ip = ip.substring(1, ip.length() - 1);
      }
      return new Parts(ip, published, target, protocol);
    }
  }
}
