package io.jcompose.network.dns;

import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.dns.NameTable.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions from the names of the networks. Knows no socket; takes no lock. As Docker's
 * embedded name server, but for a short time to live and names of all networks of the container.
 */
final class DnsAnswers {
  private static final int TCP_BYTES = 65_535;

  private DnsAnswers() {}

  /** The answer, or empty when the question is for the name servers outside. */
  static Optional<byte[]> answer(DnsQuery query, DnsView view, boolean tcp) {
    if (query.opcode() != 0) {
      return Optional.of(query.empty(DnsQuery.NOTIMP));
    }
    if (query.type() == DnsQuery.TYPE_PTR) {
      return pointer(query, view);
    }
    List<byte[]> found = find(query, view);
    return found == null
        ? Optional.empty()
        : Optional.of(query.addresses(found, tcp ? TCP_BYTES : query.udpSize()));
  }

  /** What to say when nobody outside can be asked. */
  static byte[] unknown(DnsQuery query) {
    return query.empty(query.name().indexOf('.') < 0 ? DnsQuery.NXDOMAIN : DnsQuery.SERVFAIL);
  }

  /** Only addresses on the container's networks have a name. */
  private static Optional<byte[]> pointer(DnsQuery query, DnsView view) {
    Optional<Integer> ipv4 = query.reverseAddress();
    Optional<Ip6> ipv6 = ipv4.isPresent() ? Optional.empty() : query.reverseAddress6();
    for (NameTable network : view.networks()) {
      Optional<String> name = ipv4.flatMap(network::nameOf).or(() -> ipv6.flatMap(network::nameOf));
      if (name.isPresent()) {
        return Optional.of(query.pointer(name.get() + "." + network.network()));
      }
    }
    return Optional.empty();
  }

  /**
   * The first network that has addresses of the family decides; Docker stops at the first one that
   * knows the name, so that a container never finds the IPv6 address on its second network. Null
   * when no network knows the name.
   */
  private static @Nullable List<byte[]> find(DnsQuery query, DnsView view) {
    String name = view.links().getOrDefault(query.name(), query.name());
    boolean known = false;
    for (NameTable network : view.networks()) {
      List<Member> members = members(network, name);
      known |= !members.isEmpty();
      List<byte[]> addresses = addresses(query.type(), members);
      if (!addresses.isEmpty()) {
        Collections.shuffle(addresses, ThreadLocalRandom.current());
        return addresses;
      }
    }
    return known ? List.of() : null;
  }

  private static List<Member> members(NameTable network, String name) {
    List<Member> found = network.find(name);
    String suffix = "." + NameTable.lower(network.network());
    return found.isEmpty() && name.endsWith(suffix)
        ? network.find(name.substring(0, name.length() - suffix.length()))
        : found;
  }

  private static List<byte[]> addresses(int type, List<Member> members) {
    List<byte[]> addresses = new ArrayList<>();
    for (Member member : members) {
      Ip6 ipv6 = member.ipv6();
      if (type == DnsQuery.TYPE_A) {
        addresses.add(Ip4.bytes(member.ipv4()));
      } else if (type == DnsQuery.TYPE_AAAA && ipv6 != null) {
        addresses.add(ipv6.bytes());
      }
    }
    return addresses;
  }
}
