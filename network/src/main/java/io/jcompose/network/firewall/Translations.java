package io.jcompose.network.firewall;

import io.jcompose.network.nft.NftBatch.Element;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What elements of the firewall do to addresses. Immutable.
 *
 * @param ports the host's UDP ports that are led on
 * @param hidden subnets whose packets leave by the host's address
 * @param own every subnet, also those that do not
 */
record Translations(Set<Integer> ports, List<Range> hidden, List<Range> own) {
  Translations {
    ports = Set.copyOf(ports);
    hidden = List.copyOf(hidden);
    own = List.copyOf(own);
  }

  /** All of them. */
  static Translations of(Collection<Element> elements) {
    Set<String> masqueraded =
        elements.stream()
            .filter(each -> each.set().startsWith("masq"))
            .map(each -> each.set() + " " + each.name())
            .collect(Collectors.toSet());
    List<Element> subnets =
        elements.stream()
            .filter(each -> each.set().equals("own4") || each.set().equals("own6"))
            .toList();
    return new Translations(
        ports(elements).ports,
        subnets.stream()
            .filter(
                each -> masqueraded.contains(each.set().replace("own", "masq") + " " + each.name()))
            .map(Range::of)
            .toList(),
        subnets.stream().map(Range::of).toList());
  }

  /** Those of published ports only. */
  static Translations ports(Collection<Element> elements) {
    return new Translations(
        elements.stream()
            .map(Element::udpPort)
            .filter(port -> port > 0)
            .collect(Collectors.toSet()),
        List.of(),
        List.of());
  }

  boolean isEmpty() {
    return ports.isEmpty() && hidden.isEmpty();
  }

  /** A packet between these addresses leaves by the host's. */
  boolean hides(byte[] source, byte[] destination) {
    return hidden.stream().anyMatch(each -> each.holds(source))
        && own.stream().noneMatch(each -> each.holds(destination));
  }

  /** Addresses of one family, both ends included. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Range(byte[] first, byte[] last) {
    private static final int NAME_BYTES = 16;

    private static Range of(Element subnet) {
      byte[] end = subnet.keyEnd();
      return new Range(address(subnet.key()), address(end == null ? subnet.key() : end));
    }

    /** Behind the interface's name. */
    private static byte[] address(byte[] key) {
      return Arrays.copyOfRange(key, NAME_BYTES, key.length);
    }

    boolean holds(byte[] address) {
      return address.length == first.length
          && Arrays.compareUnsigned(first, address) <= 0
          && Arrays.compareUnsigned(address, last) <= 0;
    }
  }
}
