package io.jcompose.network.dns;

import java.util.List;
import java.util.Map;

/**
 * What one container sees of the names, as a view of BIND.
 *
 * @param networks those that it is on, in the order of its gateways' priority
 * @param links names of its own for other names, lower case
 * @param servers its own name servers
 * @param channels where questions to those leave from
 * @param keepsBareNames nobody outside is asked for addresses of names without a dot
 * @param internal it has no way out
 */
public record DnsView(
    List<NameTable> networks,
    Map<String, String> links,
    List<String> servers,
    ChannelFactory channels,
    boolean keepsBareNames,
    boolean internal) {
  public DnsView {
    networks = List.copyOf(networks);
    links = Map.copyOf(links);
    servers = List.copyOf(servers);
  }
}
