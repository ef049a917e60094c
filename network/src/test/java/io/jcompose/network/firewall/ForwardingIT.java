package io.jcompose.network.firewall;

import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A host that becomes a router for its containers becomes none for its neighbours. */
class ForwardingIT extends NetworkLab {
  @Test
  void neighboursDoNotReachWhatIsBehindTheHost() throws Exception {
    begin(false);
    try (NetworkNamespace lan = lan();
        NetworkNamespace vpn = lan("vpn0", "198.51.100", "2001:db8:1:")) {
      serve(vpn, 80, "secret");
      assertThatThrownBy(() -> tryFetchIn(lan, "198.51.100.2", 80)).isInstanceOf(IOException.class);
      network("shop", true, Map.of());
      assertThat(Files.readString(IP_FORWARD).strip()).isEqualTo("1");
      assertThat(Files.readString(IP6_FORWARD).strip()).isEqualTo("1");
      assertThat(stack.networks().warnings())
          .hasSize(2)
          .allSatisfy(text -> assertThat(text).contains("ip-forward-no-drop in engine.json"));
      Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
      serve(web, 80, "hello");
      containersAreReachedButNothingElse(web, lan);
      Sandbox adopted = restart(web).getFirst();
      assertThat(stack.networks().warnings()).hasSize(2);
      containersAreReachedButNothingElse(adopted, lan);
      sh("nft flush ruleset");
      await("the guard", () -> sh("nft list set inet jcompose_it guard").contains("ipv6"));
      containersAreReachedButNothingElse(adopted, lan);
    } finally {
      sh("ip link del lan0; ip link del vpn0");
    }
    open.removeLast().close();
    stack.networks().remove("shop");
    await("the host to be as it was", () -> stack.networks().warnings().isEmpty());
    assertThat(Files.readString(IP_FORWARD).strip()).isEqualTo("0");
    assertThat(Files.readString(IP6_FORWARD).strip()).isEqualTo("0");
    assertThat(sh("nft list set inet jcompose_it guard")).doesNotContain("elements");
    assertThat(config.stateDir().resolve("forwarding")).doesNotExist();
  }

  @Test
  void otherProgramsBridgesAreForwardedTo() throws Exception {
    begin(false);
    sh("ip link add br9 type bridge; ip link set br9 up");
    try (NetworkNamespace lan = lan();
        NetworkNamespace guest = lan("vm0", "198.51.100", "2001:db8:1:")) {
      sh("ip addr flush dev vm0; ip link set vm0 master br9; ip addr add 198.51.100.1/24 dev br9");
      network("shop", false, Map.of());
      serve(guest, 80, "guest");
      serve(lan, 80, "outside");
      assertThat(fetchIn(lan, "198.51.100.2", 80)).isEqualTo("guest");
      assertThat(fetchIn(guest, "192.0.2.2", 80)).isEqualTo("outside");
      stack.networks().remove("shop");
      stack.close();
      // somebody may have come to need it, so it stays, and with it the guard
      assertThat(Files.readString(IP_FORWARD).strip()).isEqualTo("1");
      assertThat(sh("nft list set inet jcompose_it guard")).contains("ipv4");
    } finally {
      sh("ip link del lan0; ip link del vm0; ip link del br9");
    }
    stack = NetworkStack.open(config);
    stack.finishAdoption();
    assertThat(Files.readString(IP_FORWARD).strip()).isEqualTo("0");
  }

  @Test
  void theHostMayForwardForOthersWhenASettingSaysSo() throws Exception {
    begin(true);
    try (NetworkNamespace lan = lan();
        NetworkNamespace vpn = lan("vpn0", "198.51.100", "2001:db8:1:")) {
      network("shop", false, Map.of());
      serve(vpn, 80, "for all");
      assertThat(fetchIn(lan, "198.51.100.2", 80)).isEqualTo("for all");
      assertThat(stack.networks().warnings()).isEmpty();
    } finally {
      sh("ip link del lan0; ip link del vpn0");
    }
  }

  private void begin(boolean forOthers) throws IOException {
    stack.close();
    Files.writeString(IP_FORWARD, "0");
    Files.writeString(IP6_FORWARD, "0");
    config = config.forwardingForOthers(forOthers);
    stack = NetworkStack.open(config);
  }

  private void containersAreReachedButNothingElse(Sandbox web, NetworkNamespace lan)
      throws Exception {
    assertThat(fetchIn(lan, "192.0.2.1", 18080)).isEqualTo("hello");
    assertThat(fetch(web, "198.51.100.2", 80)).isEqualTo("secret");
    assertThatThrownBy(() -> tryFetchIn(lan, "198.51.100.2", 80)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tryFetchIn(lan, "2001:db8:1::2", 80)).isInstanceOf(IOException.class);
  }
}
