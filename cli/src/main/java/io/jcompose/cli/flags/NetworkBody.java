package io.jcompose.cli.flags;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The body of Docker's {@code POST /networks/create} for the flags of {@code network create}. */
public final class NetworkBody {
  private static final int BITS = 8;

  private NetworkBody() {}

  /**
   * Translates.
   *
   * @throws InvalidFlag for addresses that are of none of the subnets
   */
  public static Map<String, Object> of(Flags flags, String name) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("Name", name);
    body.put("Driver", flags.isGiven("driver") ? flags.text("driver") : "bridge");
    body.put("Options", NamedTexts.pairs(flags.all("opt")));
    body.put("Labels", NamedTexts.pairs(flags.all("label")));
    body.put("Internal", flags.is("internal"));
    body.put("Attachable", flags.is("attachable"));
    for (String family : List.of("ipv4", "ipv6")) {
      if (flags.isGiven(family)) {
        body.put(family.equals("ipv4") ? "EnableIPv4" : "EnableIPv6", flags.is(family));
      }
    }
    Map<String, Object> ipam = new LinkedHashMap<>();
    ipam.put("Driver", flags.isGiven("ipam-driver") ? flags.text("ipam-driver") : "default");
    ipam.put("Options", NamedTexts.pairs(flags.all("ipam-opt")));
    ipam.put("Config", List.copyOf(subnets(flags)));
    body.put("IPAM", ipam);
    return body;
  }

  private static List<Map<String, Object>> subnets(Flags flags) {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    flags
        .all("subnet")
        .forEach(subnet -> all.put(subnet, new LinkedHashMap<>(Map.of("Subnet", subnet))));
    boolean belongs = !flags.all("ip-range").isEmpty() || !flags.all("gateway").isEmpty();
    if (all.isEmpty() && belongs) {
      throw InvalidFlag.conflict("every ip-range or gateway must have a corresponding subnet");
    }
    flags.all("ip-range").forEach(range -> of(all, range, "range").put("IPRange", range));
    flags.all("gateway").forEach(gateway -> of(all, gateway, "gateway").put("Gateway", gateway));
    NamedTexts.pairs(flags.all("aux-address"))
        .forEach(
            (name, address) -> {
              Map<String, Object> subnet = of(all, address, "aux-address");
              Map<String, Object> known = new LinkedHashMap<>();
              if (subnet.get("AuxiliaryAddresses") instanceof Map<?, ?> map) {
                map.forEach((key, value) -> known.put(String.valueOf(key), value));
              }
              known.put(name, address);
              subnet.put("AuxiliaryAddresses", known);
            });
    return new ArrayList<>(all.values());
  }

  /** The subnet that an address, or the beginning of a range, is of. */
  private static Map<String, Object> of(
      Map<String, Map<String, Object>> subnets, String address, String what) {
    String first = address.replaceFirst("/.*", "");
    return subnets.entrySet().stream()
        .filter(subnet -> subnets.size() == 1 || holds(subnet.getKey(), first))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> InvalidFlag.conflict("no matching subnet for " + what + " " + address));
  }

  /** Names are not asked for: only what has the form of an address is looked at. */
  private static boolean holds(String subnet, String address) {
    String[] parts = subnet.split("/", -1);
    if (parts.length != 2
        || !parts[1].matches("\\d{1,3}")
        || !(parts[0] + address).matches("[0-9a-fA-F.:]+")) {
      return false;
    }
    try {
      byte[] base = InetAddress.getByName(parts[0]).getAddress();
      byte[] one = InetAddress.getByName(address).getAddress();
      int length = Math.min(Integer.parseInt(parts[1]), base.length * BITS);
      boolean same = base.length == one.length;
      for (int bit = 0; same && bit < length; bit++) {
        int mask = 1 << (BITS - 1 - bit % BITS);
        same = (base[bit / BITS] & mask) == (one[bit / BITS] & mask);
      }
      return same;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
