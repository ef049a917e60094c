package io.jcompose.api.container;

import io.jcompose.core.ContainerView.PortBinding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Ports as people read them, in Docker's form: {@code 0.0.0.0:8080->80/tcp, 6379/tcp}. Neighbours
 * that are published under their own numbers, or not at all, are one range ({@code
 * 0.0.0.0:7000-7003->7000-7003/tcp}) and come first.
 */
final class PortText {
  private static final Comparator<PortBinding> ORDER =
      Comparator.comparingInt(PortBinding::containerPort)
          .thenComparing(PortText::address)
          .thenComparingInt(PortBinding::hostPort)
          .thenComparing(PortBinding::protocol);

  /** Ports from {@code first} to {@code last} with one address; the address may be empty. */
  private record Range(String ip, String protocol, int first, int last) {
    boolean goesOnWith(PortBinding port) {
      return port.containerPort() == last + 1
          && protocol.equals(port.protocol())
          && ip.equals(address(port));
    }

    String text() {
      String numbers = first == last ? String.valueOf(first) : first + "-" + last;
      return (ip.isEmpty() ? "" : ip + ":" + numbers + "->") + numbers + "/" + protocol;
    }
  }

  private PortText() {}

  static String of(List<PortBinding> ports) {
    List<Range> ranges = new ArrayList<>();
    List<String> mapped = new ArrayList<>();
    ports.stream()
        .distinct()
        .sorted(ORDER)
        .forEach(
            port -> {
              if (port.hostPort() == 0 || port.hostPort() == port.containerPort()) {
                add(ranges, port);
              } else {
                mapped.add(
                    address(port)
                        + ":"
                        + port.hostPort()
                        + "->"
                        + port.containerPort()
                        + "/"
                        + port.protocol());
              }
            });
    return Stream.concat(ranges.stream().map(Range::text), mapped.stream())
        .collect(Collectors.joining(", "));
  }

  /** Looks back no further than at the ranges that may go on: one an address and protocol. */
  private static void add(List<Range> ranges, PortBinding port) {
    for (int i = ranges.size() - 1; i >= 0; i--) {
      Range range = ranges.get(i);
      if (range.goesOnWith(port)) {
        ranges.set(i, new Range(range.ip(), range.protocol(), range.first(), port.containerPort()));
        return;
      }
    }
    ranges.add(
        new Range(address(port), port.protocol(), port.containerPort(), port.containerPort()));
  }

  /** As it is written before a colon; empty for a port that is not published. */
  private static String address(PortBinding port) {
    if (port.hostPort() == 0) {
      return "";
    }
    String ip = port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp();
    return ip.contains(":") ? "[" + ip + "]" : ip;
  }
}
