package io.jcompose.network.firewall;

import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRequest;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.nft.Nft;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.nft.NftListing;
import io.jcompose.network.nft.Ruleset;
import io.jcompose.network.notice.Notices;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's table: as large as it gets, and what other programs do to it. */
class FirewallIT extends NetworkLab {
  private static final String TABLE = "jcompose_big";
  private static final int NETWORKS = 600;

  private static final int FOREIGN_RULES = 20_000;

  /** The kernel takes some 2,100 elements at once from those who do not ask it for more. */
  private static final int PORTS = 3000;

  @Test
  void holdsThousandsOfPortsAndPutsThemBack() {
    Notices notices = new Notices();
    Firewall firewall = new Firewall(TABLE, notices);
    try {
      firewall.install(List.of());
      firewall.add(ports());
      assertThat(elements("map", "pub4")).isEqualTo(PORTS);
      Firewall next = new Firewall(TABLE, notices);
      next.install(List.of());
      next.add(ports());
      next.synchronize();
      assertThat(next.restore()).isFalse();
      assertThat(elements("map", "pub4")).isEqualTo(PORTS);
      sh("nft flush ruleset");
      assertThat(next.restore()).isTrue();
      assertThat(elements("map", "pub4")).isEqualTo(PORTS);
      next.remove(ports());
      next.flush();
      assertThat(elements("map", "pub4")).isZero();
      assertThat(notices.texts()).isEmpty();
    } finally {
      firewall.uninstall();
    }
  }

  @Test
  void aTableThatCannotBeFilledIsClosed() {
    Notices notices = new Notices();
    Firewall firewall = new Firewall(TABLE, notices);
    Element net = Element.member("nets", "jcnet");
    Element inner = Element.member("internal", "jcnet");
    Element guard = new Element(Firewall.GUARD, new byte[] {NftBatch.IP6}, null, null, null);
    Element wrong = Element.member("nosuchset", "jcnet");
    try {
      firewall.install(List.of(net, inner, guard, wrong));
      assertThat(elements("set", "nets")).isEqualTo(1);
      assertThat(elements("set", "internal")).isEqualTo(1);
      assertThat(sh("nft list set inet " + TABLE + " guard")).contains("elements = { ipv6 }");
      assertThat(notices.texts())
          .singleElement()
          .asString()
          .contains(
              "the firewall table inet jcompose_big cannot be filled: netlink add to nosuchset");
      assertThatThrownBy(() -> firewall.add(ports())).hasMessageContaining("nosuchset");
      firewall.remove(List.of(wrong));
      assertThat(firewall.restore()).isFalse();
      assertThat(notices.texts()).isEmpty();
      assertThat(elements("map", "pub4")).isZero();
    } finally {
      firewall.uninstall();
    }
  }

  @Test
  void aPortThatChangesHandsLeadsToWhoHasItNow() throws Exception {
    network("shop", false);
    int last = 20_999;
    PortSpec[] many =
        IntStream.rangeClosed(20_000, last)
            .mapToObj(each -> port("", each, each, "tcp"))
            .toArray(PortSpec[]::new);
    Sandbox before = stack.open(request("before", List.of(on("shop", "a")), many));
    Thread closing = Thread.startVirtualThread(before::close);
    // the last is given back first, while the others are still on their way
    Sandbox next = whenFree(request("next", List.of(on("shop", "b")), port("", last, 80, "tcp")));
    closing.join();
    network("later", false);
    String address = next.endpoints().getFirst().ipv4Address();
    assertThat(sh("nft list map inet jcompose_it pub4"))
        .contains("tcp . " + last + " : " + address + " . 80")
        .doesNotContain("20000");
  }

  private Sandbox whenFree(SandboxRequest request) {
    while (true) {
      try {
        return open(request);
      } catch (JcomposeException.Conflict e) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void hundredsOfNetworksComeBackWithTheNextEngine() {
    for (int i = 0; i < NETWORKS; i++) {
      network("n" + i, false, Map.of());
    }
    stack.close();
    stack = NetworkStack.open(config);
    stack.finishAdoption();
    assertThat(stack.networks().list(Map.of())).hasSize(NETWORKS);
    assertThat(stack.networks().warnings()).isEmpty();
    assertThat(sh("nft list set inet jcompose_it nets").split("\"jc", -1)).hasSize(NETWORKS + 1);
    sh("nft flush ruleset");
    await(
        "the table to come back",
        () -> sh("nft list set inet jcompose_it own4").split("\"jc", -1).length == NETWORKS + 1);
    // more deletions than the kernel tells of at once
    sh("nft flush set inet jcompose_it nets");
    await(
        "the elements to come back",
        () -> sh("nft list set inet jcompose_it nets").split("\"jc", -1).length == NETWORKS + 1);
    stack.networks().list(Map.of()).forEach(network -> stack.networks().remove(network.id()));
    await("links to go", Duration.ofMinutes(5), () -> sh("ip -o link").lines().count() == 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nft flush ruleset",
        "nft flush table inet jcompose_it",
        "nft flush chain inet jcompose_it decide",
        "nft insert rule inet jcompose_it forward accept",
        "nft delete table inet jcompose_it",
        "nft flush set inet jcompose_it nets",
        "nft flush set inet jcompose_it own4",
        "nft flush map inet jcompose_it pairs",
        "nft flush map inet jcompose_it pub4",
        "nft delete element inet jcompose_it pub4 '{ tcp . 18080 }'"
      })
  void isClosedAgainAfterWhatOthersDidToIt(String attack) throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    String address = web.endpoints().getFirst().ipv4Address();
    String before = sh("nft list table inet jcompose_it");
    try (NetworkNamespace lan = lan()) {
      assertThat(sh(attack)).isEmpty();
      await("the table to come back", () -> sh("nft list table inet jcompose_it").equals(before));
      assertThat(fetchIn(lan, "192.0.2.1", 18080)).isEqualTo("hello");
      assertThatThrownBy(() -> tryFetchIn(lan, address, 80)).isInstanceOf(IOException.class);
      List<Process> tasks = detach(web);
      assertThat(sh(attack)).isEmpty();
      stack = NetworkStack.open(config);
      adopt(tasks, web);
      assertThat(sh("nft list table inet jcompose_it")).isEqualTo(before);
      assertThatThrownBy(() -> tryFetchIn(lan, address, 80)).isInstanceOf(IOException.class);
    } finally {
      sh("ip link del lan0");
    }
  }

  /** Lists of addresses that are kept out, services of Kubernetes. */
  @Test
  void rulesOfOthersThatDecideOverFewPacketsAreNotKept() {
    StringBuilder rules = new StringBuilder("table inet others {\nchain next { drop; }\n");
    rules.append("chain input { type filter hook input priority 0;\n");
    for (int i = 0; i < FOREIGN_RULES; i++) {
      rules.append("ip saddr 198.51.").append(i >> 8).append('.').append(i & 255);
      rules.append(" counter drop\n");
    }
    int before = NftListing.generation();
    Nft.load(rules.append("jump next comment \"last\"\n}\n}\n").toString());
    try {
      assertThat(NftListing.generation()).isNotEqualTo(before);
      List<Ruleset.Rule> kept = NftListing.rules(NftBatch.INET, "others", "");
      assertThat(kept).extracting(Ruleset.Rule::chain).containsExactly("next", "input");
      assertThat(Ruleset.stops("input", kept)).isTrue();
    } finally {
      sh("nft delete table inet others");
    }
  }

  private static List<Element> ports() {
    List<Element> ports = new ArrayList<>();
    for (int port = 20_000; port < 20_000 + PORTS; port++) {
      byte[] key = NftBatch.key(new byte[] {6}, NftBatch.be16(port));
      byte[] to = NftBatch.key(Ip4.bytes(Ip4.parse("10.201.0.2")), NftBatch.be16(port));
      ports.add(new Element("pub4", key, null, to, null));
    }
    return ports;
  }

  private static int elements(String kind, String set) {
    String text = sh("nft list " + kind + " inet " + TABLE + " " + set);
    int start = text.indexOf("elements");
    return start < 0 ? 0 : text.substring(start).split(",", -1).length;
  }
}
