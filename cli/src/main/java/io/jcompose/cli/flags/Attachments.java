package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code --network}, in its short and its long form, and what stands beside it: addresses, names
 * and links. Immutable.
 *
 * @param mode the first network, which is the container's mode; empty for the default
 * @param endpoints what is asked for on each network, by its name
 */
record Attachments(String mode, Map<String, Object> endpoints) {
  private static final Set<String> OWN = Set.of("", "default", "bridge", "host", "none");

  static Attachments of(Flags flags) {
    List<Attachment> all = new ArrayList<>(flags.parsedAll("network", Attachment::parse));
    boolean silent = all.isEmpty();
    if (silent) {
      all.add(Attachment.parse("default"));
    }
    all.getFirst().takeFlags(flags);
    Map<String, Object> endpoints = new LinkedHashMap<>();
    for (Attachment one : all) {
      boolean isOnlyName = !silent && all.size() == 1 && one.settings().isEmpty();
      if (endpoints.containsKey(one.network)) {
        throw InvalidFlag.conflict("network \"" + one.network + "\" is specified multiple times");
      }
      if (!isOnlyName) {
        endpoints.put(one.network, one.settings());
      }
    }
    if (all.stream().map(one -> isUserDefined(one.network)).distinct().count() > 1) {
      throw InvalidFlag.conflict(
          "conflicting options: cannot attach both user-defined and non-user-defined network-modes");
    }
    return new Attachments(all.getFirst().network, endpoints);
  }

  private static boolean isUserDefined(String network) {
    return !OWN.contains(network) && !network.startsWith("container:");
  }

  /** One network that is being read. */
  private static final class Attachment {
    private String network = "";
    private final List<String> aliases = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final List<String> linkLocal = new ArrayList<>();
    private final Map<String, String> driverOptions = new LinkedHashMap<>();
    private String four = "";
    private String six = "";
    private String mac = "";
    private long priority;

    static Attachment parse(String text) {
      Attachment one = new Attachment();
      if (!text.contains("=")) {
        one.network = text;
        return one;
      }
      for (String field : CommaFields.of(text)) {
        int equals = field.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException(
              "invalid field '" + field + "' must be a key=value pair");
        }
        String name = field.substring(0, equals).strip().toLowerCase(Locale.ROOT);
        one.set(name, field.substring(equals + 1).strip());
      }
      if (one.network.isEmpty()) {
        throw new IllegalArgumentException("network name/id is not specified");
      }
      return one;
    }

    private void set(String name, String value) {
      switch (name) {
        case "name" -> network = value;
        case "alias" -> aliases.add(value);
        case "ip" -> four = value;
        case "ip6" -> six = value;
        case "mac-address" -> mac = value;
        case "link-local-ip" -> linkLocal.add(value);
        case "driver-opt" -> {
          if (value.indexOf('=') < 1) {
            throw new IllegalArgumentException("invalid key value pair format in driver options");
          }
          driverOptions.putAll(NamedTexts.pairs(List.of(value.toLowerCase(Locale.ROOT))));
        }
        case "gw-priority" -> {
          try {
            priority = Quantity.whole(value);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                "invalid gw-priority (" + value + "): " + e.getMessage(), e);
          }
        }
        default -> throw new IllegalArgumentException("invalid field key " + name);
      }
    }

    /** The flags of their own are of the first network. */
    void takeFlags(Flags flags) {
      List<String> names = flags.all("network-alias");
      refuse(!aliases.isEmpty() && !names.isEmpty(), "--network-alias and per-network alias");
      aliases.addAll(names);
      String mine = flags.text("ip");
      refuse(!four.isEmpty() && !mine.isEmpty(), "--ip and per-network IPv4 address");
      four = four.isEmpty() ? mine : four;
      mine = flags.text("ip6");
      refuse(!six.isEmpty() && !mine.isEmpty(), "--ip6 and per-network IPv6 address");
      six = six.isEmpty() ? mine : six;
      mine = flags.text("mac-address").strip();
      refuse(!mac.isEmpty() && !mine.isEmpty(), "--mac-address and per-network MAC address");
      mac = mac.isEmpty() ? mine : mac;
      List<String> local = flags.all("link-local-ip");
      refuse(
          !linkLocal.isEmpty() && !local.isEmpty(),
          "--link-local-ip and per-network link-local IP addresses");
      linkLocal.addAll(local);
      if (isUserDefined(network)) {
        links.addAll(flags.all("link"));
      }
    }

    private static void refuse(boolean both, String what) {
      if (both) {
        throw InvalidFlag.conflict("conflicting options: cannot specify both " + what);
      }
    }

    Map<String, Object> settings() {
      if (!aliases.isEmpty() && !isUserDefined(network)) {
        throw InvalidFlag.conflict(
            "network-scoped aliases are only supported for user-defined networks");
      }
      Map<String, Object> addresses = new LinkedHashMap<>();
      putUnlessEmpty(addresses, "IPv4Address", four);
      putUnlessEmpty(addresses, "IPv6Address", six);
      if (!linkLocal.isEmpty()) {
        addresses.put("LinkLocalIPs", linkLocal);
      }
      Map<String, Object> settings = new LinkedHashMap<>();
      if (!addresses.isEmpty()) {
        settings.put("IPAMConfig", addresses);
      }
      if (!links.isEmpty()) {
        settings.put("Links", links);
      }
      if (!aliases.isEmpty()) {
        settings.put("Aliases", aliases);
      }
      putUnlessEmpty(settings, "MacAddress", mac);
      if (!driverOptions.isEmpty()) {
        settings.put("DriverOpts", driverOptions);
      }
      if (priority != 0) {
        settings.put("GwPriority", priority);
      }
      return settings;
    }

    private static void putUnlessEmpty(Map<String, Object> to, String name, String text) {
      if (!text.isEmpty()) {
        to.put(name, text);
      }
    }
  }
}
