package io.jcompose.network.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DriverOptionsTest {
  private static final String BRIDGE = "com.docker.network.bridge.";
  private static final String PREFIX = "com.docker.network.container_iface_prefix";
  private static final String MTU = "com.docker.network.driver.mtu";

  @Test
  void aBridgeHidesItsContainersAndLetsThemTalkUnlessToldOtherwise() {
    assertThat(DriverOptions.ofBridge(Map.of()))
        .isEqualTo(
            new DriverOptions(
                "", 0, true, true, "", GatewayMode.NAT, GatewayMode.NAT, "eth", "", 0));
    assertThat(
            DriverOptions.ofBridge(
                Map.of(
                    BRIDGE + "name",
                    "br0",
                    MTU,
                    "1400",
                    BRIDGE + "enable_ip_masquerade",
                    "false",
                    BRIDGE + "enable_icc",
                    "0",
                    BRIDGE + "host_binding_ipv4",
                    "127.0.0.1",
                    BRIDGE + "gateway_mode_ipv4",
                    "routed",
                    BRIDGE + "gateway_mode_ipv6",
                    "nat-unprotected",
                    PREFIX,
                    "net")))
        .isEqualTo(
            new DriverOptions(
                "br0",
                1400,
                false,
                false,
                "127.0.0.1",
                GatewayMode.ROUTED,
                GatewayMode.NAT_UNPROTECTED,
                "net",
                "",
                0));
  }

  /** Modes of linux/if_link.h: private 1, vepa 2, bridge 4, passthru 8. */
  @ParameterizedTest
  @CsvSource({"private, 1", "vepa, 2", "bridge, 4", "passthru, 8"})
  void aMacvlanNetworkStandsOnAnInterfaceInAMode(String word, int mode) {
    DriverOptions options =
        DriverOptions.ofMacvlan(
            Map.of("parent", "eno1.50", "macvlan_mode", word, MTU, "9000", PREFIX, "lan"));
    assertThat(options)
        .isEqualTo(
            new DriverOptions(
                "",
                9000,
                false,
                true,
                "",
                GatewayMode.ROUTED,
                GatewayMode.ROUTED,
                "lan",
                "eno1.50",
                mode));
  }

  @Test
  void aMacvlanNetworkIsInModeBridgeUnlessToldOtherwise() {
    DriverOptions options = DriverOptions.ofMacvlan(Map.of("parent", "eno1"));
    assertThat(options.macvlanMode()).isEqualTo(4);
    assertThat(options.interfacePrefix()).isEqualTo("eth");
    assertThat(options.mtu()).isZero();
    assertThatThrownBy(() -> DriverOptions.ofMacvlan(Map.of()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("needs driver_opts: parent:");
    assertThatThrownBy(
            () -> DriverOptions.ofMacvlan(Map.of("parent", "eno1", "macvlan_mode", "source")))
        .hasMessageContaining("invalid macvlan_mode; it is bridge, private, vepa or passthru");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "1", "True", "TRUE", "t", "T"})
  void aFlagHasTheWordsThatDockerReads(String yes) {
    Map<String, String> no =
        Map.of("true", "false", "1", "0", "True", "False", "TRUE", "FALSE", "t", "f", "T", "F");
    assertThat(icc(yes)).isTrue();
    assertThat(icc(no.get(yes))).isFalse();
    assertThatThrownBy(() -> icc("yes"))
        .hasMessage("invalid value of " + BRIDGE + "enable_icc: yes");
  }

  @ParameterizedTest
  @CsvSource({
    MTU + ", 67",
    MTU + ", 100000",
    MTU + ", 15x",
    MTU + ", ''",
    BRIDGE + "name, -br0",
    BRIDGE + "name, br/0",
    BRIDGE + "name, ''",
    BRIDGE + "name, sixteen-letters0",
    BRIDGE + "host_binding_ipv4, ::1",
    BRIDGE + "gateway_mode_ipv4, bridged"
  })
  void refusesWhatNoOptionMayBe(String option, String value) {
    assertThatThrownBy(() -> DriverOptions.ofBridge(Map.of(option, value)))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining(value);
  }

  @ParameterizedTest
  @CsvSource({"mtu, 68, 68", "mtu, 65535, 65535", MTU + ", 1500, 1500"})
  void takesAnMtuThatIpv4Allows(String option, String value, int mtu) {
    assertThat(DriverOptions.ofBridge(Map.of(option, value)).mtu()).isEqualTo(mtu);
  }

  /** The kernel's names have 15 bytes. */
  @Test
  void leavesRoomForANumberBehindAPrefix() {
    String longest = "fourteen-bytes";
    assertThat(DriverOptions.ofBridge(Map.of(PREFIX, longest)).interfacePrefix())
        .isEqualTo(longest);
    String problem = "invalid value of " + PREFIX + ": \"" + longest + "0\"";
    assertThatThrownBy(() -> DriverOptions.ofBridge(Map.of(PREFIX, longest + "0")))
        .hasMessage(problem);
    assertThatThrownBy(() -> DriverOptions.ofMacvlan(Map.of(PREFIX, longest + "0")))
        .hasMessage(problem);
    String name = BRIDGE + "name";
    assertThat(DriverOptions.ofBridge(Map.of(name, longest + "0")).bridge())
        .isEqualTo(longest + "0");
  }

  @Test
  void refusesOptionsThatItDoesNotKnow() {
    assertThatThrownBy(() -> DriverOptions.ofBridge(Map.of("parent", "eno1")))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("network driver option parent=eno1 is not supported");
    assertThatThrownBy(() -> DriverOptions.ofMacvlan(Map.of(BRIDGE + "name", "br0")))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("network driver option " + BRIDGE + "name=br0 is not supported");
  }

  @Test
  void twoNetworksOnTheSameInterfacesAreTold() {
    DriverOptions one = DriverOptions.ofBridge(Map.of(BRIDGE + "name", "br0"));
    assertThat(
            one.hasSameLinks(DriverOptions.ofBridge(Map.of(BRIDGE + "name", "br0", MTU, "1400"))))
        .isTrue();
    assertThat(one.hasSameLinks(DriverOptions.ofBridge(Map.of(BRIDGE + "name", "br1")))).isFalse();
    DriverOptions parent = DriverOptions.ofMacvlan(Map.of("parent", "eno1"));
    assertThat(parent.hasSameLinks(DriverOptions.ofMacvlan(Map.of("parent", "eno2")))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "nat, NAT, true",
    "nat-unprotected, NAT_UNPROTECTED, true",
    "routed, ROUTED, false",
    "isolated, ISOLATED, false"
  })
  void gatewayModesHaveDockersWords(String word, GatewayMode mode, boolean nat) {
    assertThat(GatewayMode.parse("option", word)).isEqualTo(mode);
    assertThat(mode.isNat()).isEqualTo(nat);
    assertThatThrownBy(() -> GatewayMode.parse("option", word + "s"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(
            "invalid value of option: "
                + word
                + "s; it is nat, nat-unprotected, routed or isolated");
  }

  private static boolean icc(String value) {
    return DriverOptions.ofBridge(Map.of(BRIDGE + "enable_icc", value)).talkAmong();
  }
}
