package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bandwidth limits of a service, from its extension key: {@code x-jcompose: {network: {ingress:
 * 10mbit, egress: 1gbit}}}. They hold for each interface of each container. Pure.
 *
 * @param ingressBits what a container may receive, bits of TCP payload a second; 0 is no limit
 * @param egressBits what it may send
 */
record NetworkLimits(long ingressBits, long egressBits) {
  static final NetworkLimits NONE = new NetworkLimits(0, 0);

  private static final String EXTENSION = "x-jcompose";
  private static final Pattern RATE =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)\\s*(|k|m|g)bit(?:/s|ps)?");
  private static final long LEAST = 8_000;
  private static final long MOST = 1_000_000_000_000L;

  /**
   * Reads the service's limits.
   *
   * @throws JcomposeException.InvalidArgument naming the key that is wrong
   */
  static NetworkLimits of(Service service) {
    Object extension = service.extensions().get(EXTENSION);
    if (extension == null) {
      return NONE;
    }
    String path = "services." + service.name() + "." + EXTENSION;
    Map<?, ?> network =
        map(
            only(
                    map(extension, path),
                    Set.of("network", "restart_unhealthy", "follow_crashes"),
                    path)
                .get("network"),
            path + ".network");
    only(network, Set.of("ingress", "egress"), path + ".network");
    return new NetworkLimits(
        bits(network.get("ingress"), path + ".network.ingress"),
        bits(network.get("egress"), path + ".network.egress"));
  }

  private static Map<?, ?> map(@Nullable Object value, String path) {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new JcomposeException.InvalidArgument(path + " must be a mapping");
  }

  private static Map<?, ?> only(Map<?, ?> map, Set<String> known, String path) {
    for (Object key : map.keySet()) {
      if (!known.contains(String.valueOf(key))) {
        throw new JcomposeException.InvalidArgument(
            path
                + ": unknown key "
                + key
                + Spelling.closest(String.valueOf(key), known)
                    .map(name -> " (did you mean \"" + name + "\"?)")
                    .orElse("")
                + "; known are "
                + known.stream().sorted().toList());
      }
    }
    return map;
  }

  private static long bits(@Nullable Object value, String path) {
    if (value == null) {
      return 0;
    }
    Matcher rate = RATE.matcher(value.toString().strip().toLowerCase(Locale.ROOT));
    if (!rate.matches()) {
      throw new JcomposeException.InvalidArgument(
          path + ": " + value + " is no rate; write bit, kbit, mbit or gbit, as in 10mbit");
    }
    long unit =
        switch (rate.group(2)) {
          case "k" -> 1_000;
          case "m" -> 1_000_000;
          case "g" -> 1_000_000_000;
          default -> 1;
        };
    long bits = Math.round(Double.parseDouble(rate.group(1)) * unit);
    if (bits < LEAST || bits > MOST) {
      throw new JcomposeException.InvalidArgument(
          path + ": " + value + " is out of range; it is 8kbit to 1000gbit");
    }
    return bits;
  }
}
