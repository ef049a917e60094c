package io.jcompose.network.firewall;

import static io.jcompose.network.TestNamespaces.lan;
import static io.jcompose.network.dns.DnsClient.askTcp;
import static io.jcompose.network.dns.DnsClient.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.dns.DnsQuery;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Firewalls of other programs that drop forwarded packets. */
class ForeignFirewallIT extends NetworkLab {
  private static final String DOCKER =
      "nft 'add table ip filter; add chain ip filter DOCKER-USER;"
          + " add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; };"
          + " add rule ip filter FORWARD jump DOCKER-USER'";
  private static final String UFW =
      "nft 'add table ip filter;"
          + " add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'";
  private static final String FIREWALLD =
      "nft 'add table inet firewalld; add chain inet firewalld filter_FORWARD"
          + " { type filter hook forward priority 10; policy accept; };"
          + " add rule inet firewalld filter_FORWARD ct state { established, related } accept;"
          + " add rule inet firewalld filter_FORWARD reject with icmpx admin-prohibited'";
  private static final String RULES_OF_INPUT =
      " policy drop; ct state established,related accept; iifname \"lo\" accept;"
          + " tcp dport 22 accept; }";
  private static final String INPUT =
      "nft 'table inet filter { chain input { type filter hook input priority 0;"
          + RULES_OF_INPUT
          + " ; }'";
  private static final String UFW_INPUT =
      "nft 'table ip filter { chain INPUT { type filter hook input priority 0;"
          + RULES_OF_INPUT
          + " ; }'";
  private static final String UFW6_INPUT =
      "nft 'table ip6 filter { chain INPUT { type filter hook input priority 0;"
          + RULES_OF_INPUT
          + " ; }'";
  private static final String FIREWALLD_INPUT =
      "nft 'table inet firewalld { chain filter_INPUT { type filter hook input priority 10;"
          + " ct state established,related accept; iifname \"lo\" accept;"
          + " reject with icmpx admin-prohibited; }; }'";
  private static final String LEGACY_INPUT =
      "iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -i lo -j ACCEPT;"
          + " iptables-legacy -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT";
  private static final String LEGACY6_INPUT =
      "ip6tables-legacy -P INPUT DROP; ip6tables-legacy -A INPUT -i lo -j ACCEPT";
  private static final String LEGACY = "iptables-legacy -P FORWARD DROP";

  @AfterEach
  void noForeignRules() {
    sh(
        "nft flush ruleset; iptables-legacy -P FORWARD ACCEPT; iptables-legacy -F FORWARD;"
            + " iptables-legacy -P INPUT ACCEPT; iptables-legacy -F INPUT;"
            + " ip6tables-legacy -P INPUT ACCEPT; ip6tables-legacy -F INPUT");
  }

  @ParameterizedTest
  @ValueSource(strings = {DOCKER, UFW, FIREWALLD, LEGACY})
  void packetsPassAFirewallThatWasThereBefore(String firewall) throws Exception {
    stack.close();
    assertThat(sh(firewall)).isEmpty();
    stack = NetworkStack.open(config);
    assertThat(stack.networks().warnings())
        .singleElement()
        .asString()
        .contains("drops forwarded packets; the engine added a rule");
    everythingPasses();
    assertThat(stack.networks().warnings()).hasSize(1);
    String rules = sh("nft list ruleset; iptables-legacy -S FORWARD");
    assertThat(rules.lines().filter(line -> line.contains("jcompose:jcompose_it"))).hasSize(1);
    assertThat(sh("iptables -S")).doesNotContain("incompatible");
  }

  @ParameterizedTest
  @ValueSource(strings = {INPUT, UFW_INPUT, FIREWALLD_INPUT, LEGACY_INPUT})
  void namesAreAnsweredWhereTheHostTakesNothingIn(String firewall) throws Exception {
    assertThat(sh(firewall)).isEmpty();
    everythingPasses();
  }

  @ParameterizedTest
  @ValueSource(strings = {INPUT, UFW6_INPUT, FIREWALLD_INPUT, LEGACY6_INPUT})
  void portsThatTheHostTakesInItselfAreToldAsClosed(String firewall) throws Exception {
    assertThat(sh(firewall)).isEmpty();
    network("dual", true, Map.of());
    sandbox("dual", List.of(on("dual", "d")), port("", 18081, 80, "tcp"));
    network("single", false);
    sandbox("local", List.of(on("single", "l")), port("::1", 18082, 80, "tcp"));
    Sandbox web = sandbox("web", List.of(on("single", "w")), port("", 18080, 80, "tcp"));
    lookAgain();
    await("the notice", () -> stack.networks().warnings().size() == 1);
    assertThat(stack.networks().warnings())
        .singleElement()
        .asString()
        .contains("of another program drops what comes in", "enable_ipv6: true");
    web.close();
    open.remove(web);
    lookAgain();
    await("the notice to go", () -> stack.networks().warnings().isEmpty());
  }

  @Test
  void packetsPassAFirewallThatComesLater() throws Exception {
    assertThat(sh(DOCKER)).isEmpty();
    await("the rule", () -> sh("nft list ruleset").contains("jcompose:jcompose_it"));
    assertThat(sh("iptables -S DOCKER-USER"))
        .contains("--mark 0x1000000/0x1000000 -m comment --comment");
    everythingPasses();
    assertThat(sh("nft flush chain ip filter DOCKER-USER")).isEmpty();
    await("the rule again", () -> sh("nft list ruleset").contains("jcompose:jcompose_it"));
    sh("nft delete table ip filter");
    await("the warning to go", () -> stack.networks().warnings().isEmpty());
  }

  @Test
  void onlyWhatTheEngineLetsThroughPasses() throws Exception {
    assertThat(sh(UFW)).isEmpty();
    await("the rule", () -> sh("nft list ruleset").contains("jcompose:jcompose_it"));
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")));
    serve(web, 80, "hello");
    try (NetworkNamespace lan = lan()) {
      assertThatThrownBy(() -> tryFetchIn(lan, web.endpoints().getFirst().ipv4Address(), 80))
          .isInstanceOf(IOException.class);
    } finally {
      sh("ip link del lan0");
    }
  }

  @Test
  void theRuleGoesWithTheLastNetwork() {
    assertThat(sh(DOCKER)).isEmpty();
    await("the rule", () -> sh("nft list ruleset").contains("jcompose:jcompose_it"));
    assertThat(sh(LEGACY)).isEmpty();
    stack.close();
    stack = NetworkStack.open(config);
    assertThat(sh("iptables-legacy -S FORWARD")).contains("jcompose:jcompose_it");
    stack.close();
    assertThat(sh("nft list ruleset")).contains("DOCKER-USER").doesNotContain("jcompose");
    assertThat(sh("iptables-legacy -S FORWARD")).doesNotContain("jcompose");
    stack = NetworkStack.open(config);
  }

  @Test
  void aFirewallThatDropsNothingIsLeftAlone() throws Exception {
    String calm =
        "nft 'add table inet calm; add chain inet calm forward"
            + " { type filter hook forward priority 0; policy accept; };"
            + " add rule inet calm forward ip saddr 203.0.113.9 drop'";
    stack.close();
    assertThat(sh(calm)).isEmpty();
    String before = sh("nft list table inet calm");
    stack = NetworkStack.open(config);
    everythingPasses();
    assertThat(sh("nft list table inet calm")).isEqualTo(before);
    assertThat(stack.networks().warnings()).isEmpty();
  }

  /** Any change of rules; else the engine looks every ten seconds. */
  private static void lookAgain() {
    assertThat(sh("nft 'add table inet any; delete table inet any'")).isEmpty();
  }

  /** Out of a container, into a published port, and among containers. */
  private void everythingPasses() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    serve(web, 80, "hello");
    assertThat(resolve(app, "web")).isNotNull();
    assertThat(askTcp(app, "web", DnsQuery.TYPE_A)).hasSize(1);
    try (NetworkNamespace lan = lan()) {
      assertThat(fetchIn(lan, "192.0.2.1", 18080)).isEqualTo("hello");
      serve(lan, 81, "outside");
      assertThat(fetch(app, "192.0.2.2", 81)).isEqualTo("outside");
      assertThat(fetch(app, web.endpoints().getFirst().ipv4Address(), 80)).isEqualTo("hello");
      assertThat(fetch(app, "10.201.0.1", 18080)).isEqualTo("hello");
    } finally {
      sh("ip link del lan0");
    }
  }
}
