package io.jcompose.network.driver;

import io.jcompose.core.JcomposeException;
import io.jcompose.network.address.Ip4;
import java.util.List;
import java.util.Map;

/**
 * The options of drivers bridge and macvlan (docs.docker.com). Unknown ones are refused.
 *
 * @param bridge interface name, or empty
 * @param mtu 0 is the kernel's default
 * @param masquerade hide containers behind the host's address
 * @param talkAmong containers on the network may reach each other (enable_icc)
 * @param publishAddress host address for ports that name none, or empty
 * @param interfacePrefix what interfaces inside are called before their number
 * @param parent the host's interface below a macvlan network, else empty
 * @param macvlanMode of linux/if_link.h
 */
public record DriverOptions(
    String bridge,
    int mtu,
    boolean masquerade,
    boolean talkAmong,
    String publishAddress,
    GatewayMode mode4,
    GatewayMode mode6,
    String interfacePrefix,
    String parent,
    int macvlanMode) {
  private static final List<String> MACVLAN_MODES =
      List.of("private", "vepa", "bridge", "passthru");

  /** IFNAMSIZ without its final zero. */
  private static final int NAME_BYTES = 15;

  /** A number follows. */
  private static final int PREFIX_BYTES = NAME_BYTES - 1;

  /** True when a network with these would stand on the same interfaces of the host. */
  public boolean hasSameLinks(DriverOptions other) {
    return bridge.equals(other.bridge) && parent.equals(other.parent);
  }

  static DriverOptions ofMacvlan(Map<String, String> options) {
    int mtu = 0;
    String parent = "";
    String prefix = "eth";
    int mode = MACVLAN_MODES.indexOf("bridge");
    for (Map.Entry<String, String> option : options.entrySet()) {
      switch (option.getKey()) {
        case "parent" -> parent = interfaceName(option, NAME_BYTES);
        case "macvlan_mode" -> mode = MACVLAN_MODES.indexOf(option.getValue());
        case "com.docker.network.driver.mtu" -> mtu = mtu(option.getValue());
        case "com.docker.network.container_iface_prefix" ->
            prefix = interfaceName(option, PREFIX_BYTES);
        default -> throw unsupported(option);
      }
    }
    if (mode < 0) {
      throw new JcomposeException.InvalidArgument(
          "invalid macvlan_mode; it is bridge, private, vepa or passthru");
    }
    if (parent.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "a macvlan network needs driver_opts: parent: with an interface of the host");
    }
    return new DriverOptions(
        "",
        mtu,
        false,
        true,
        "",
        GatewayMode.ROUTED,
        GatewayMode.ROUTED,
        prefix,
        parent,
        1 << mode);
  }

  static DriverOptions ofBridge(Map<String, String> options) {
    String bridge = "";
    int mtu = 0;
    boolean masquerade = true;
    boolean talkAmong = true;
    String publishAddress = "";
    GatewayMode mode4 = GatewayMode.NAT;
    GatewayMode mode6 = GatewayMode.NAT;
    String prefix = "eth";
    for (Map.Entry<String, String> option : options.entrySet()) {
      String value = option.getValue();
      switch (option.getKey()) {
        case "com.docker.network.bridge.name" -> bridge = interfaceName(option, NAME_BYTES);
        case "com.docker.network.driver.mtu", "mtu" -> mtu = mtu(value);
        case "com.docker.network.bridge.enable_ip_masquerade" -> masquerade = flag(option);
        case "com.docker.network.bridge.enable_icc" -> talkAmong = flag(option);
        case "com.docker.network.bridge.host_binding_ipv4" ->
            publishAddress = Ip4.format(Ip4.parse(value));
        case "com.docker.network.bridge.gateway_mode_ipv4" ->
            mode4 = GatewayMode.parse(option.getKey(), value);
        case "com.docker.network.bridge.gateway_mode_ipv6" ->
            mode6 = GatewayMode.parse(option.getKey(), value);
        case "com.docker.network.container_iface_prefix" ->
            prefix = interfaceName(option, PREFIX_BYTES);
        default -> throw unsupported(option);
      }
    }
    return new DriverOptions(
        bridge, mtu, masquerade, talkAmong, publishAddress, mode4, mode6, prefix, "", 0);
  }

  private static String interfaceName(Map.Entry<String, String> option, int bytes) {
    String value = option.getValue();
    if (!value.matches("[A-Za-z0-9][A-Za-z0-9_.-]*") || value.length() > bytes) {
      throw new JcomposeException.InvalidArgument(
          "invalid value of " + option.getKey() + ": \"" + value + "\"");
    }
    return value;
  }

  private static int mtu(String value) {
    if (!value.matches("\\d{1,5}") || Integer.parseInt(value) < 68) {
      throw new JcomposeException.InvalidArgument("invalid MTU \"" + value + "\"");
    }
    return Integer.parseInt(value);
  }

  private static boolean flag(Map.Entry<String, String> option) {
    return switch (option.getValue()) {
      case "true", "1", "True", "TRUE", "t", "T" -> true;
      case "false", "0", "False", "FALSE", "f", "F" -> false;
      default ->
          throw new JcomposeException.InvalidArgument(
              "invalid value of " + option.getKey() + ": " + option.getValue());
    };
  }

  private static JcomposeException unsupported(Map.Entry<String, String> option) {
    return new JcomposeException.NotSupported(
        "network driver option " + option.getKey() + "=" + option.getValue() + " is not supported");
  }
}
