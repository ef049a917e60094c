package io.jcompose.compose.load;

import io.jcompose.compose.model.PortConfig;
import io.jcompose.compose.model.Service;
import io.jcompose.compose.schema.PortSyntax;
import io.jcompose.compose.tree.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads a service's networks, ports, names and links. */
public final class NetworkingReader {
  private NetworkingReader() {}

  static Service.Networking networking(Values v) {
    Map<String, Service.Attachment> attachments = new LinkedHashMap<>();
    v.children("networks")
        .forEach((network, values) -> attachments.put(network, attachment(values)));
    return new Service.Networking(
        v.text("network_mode"),
        attachments,
        ports(v),
        v.texts("expose"),
        v.texts("dns").stream().filter(text -> !text.isBlank()).toList(),
        v.texts("dns_search"),
        v.texts("dns_opt"),
        hosts(v),
        links(v.texts("links")),
        links(v.texts("external_links")),
        v.text("mac_address"));
  }

  private static Service.Attachment attachment(Values v) {
    return new Service.Attachment(
        v.texts("aliases"),
        v.text("interface_name"),
        v.text("ipv4_address"),
        v.text("ipv6_address"),
        v.texts("link_local_ips"),
        v.text("mac_address"),
        v.pairs("driver_opts"),
        (int) v.number("gw_priority"),
        (int) v.number("priority"));
  }

  public static List<PortConfig> ports(Values v) {
    List<PortConfig> ports = new ArrayList<>();
    for (Values port : v.items("ports")) {
      String published = port.text("published");
      int[] range = published.isEmpty() ? new int[] {0, 0} : PortSyntax.range(published);
      if (range == null) {
        continue; // EngineRules refuses to run it
      }
      ports.add(
          new PortConfig(
              (int) port.number("target"),
              range[0],
              range[1],
              port.text("host_ip"),
              port.text("protocol").toLowerCase(Locale.ROOT),
              port.text("mode"),
              port.text("name"),
              port.text("app_protocol")));
    }
    return ports;
  }

  private static Map<String, List<String>> hosts(Values v) {
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    for (String line : v.texts("extra_hosts")) {
      int equals = line.indexOf('=');
      hosts
          .computeIfAbsent(line.substring(0, equals), key -> new ArrayList<>())
          .add(line.substring(equals + 1));
    }
    return hosts;
  }

  private static List<Service.Link> links(List<String> texts) {
    return texts.stream()
        .map(
            text -> {
              int colon = text.indexOf(':');
              return colon < 0
                  ? new Service.Link(text, text)
                  : new Service.Link(text.substring(0, colon), text.substring(colon + 1));
            })
        .toList();
  }
}
