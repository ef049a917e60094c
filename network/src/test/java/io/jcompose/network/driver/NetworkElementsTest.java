package io.jcompose.network.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.catalog.NetworkRecord;
import io.jcompose.network.nft.NftBatch.Element;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the firewall holds for a network, as text. */
class NetworkElementsTest {
  private static final String BRIDGE = "com.docker.network.bridge.";

  @Test
  void everyKindOfNetwork() throws IOException {
    StringBuilder text = new StringBuilder();
    add(text, "plain", false, false, Map.of());
    add(text, "with IPv6", false, true, Map.of());
    add(text, "internal", true, true, Map.of());
    add(text, "enable_icc: false", false, false, Map.of(BRIDGE + "enable_icc", "false"));
    add(text, "not hidden", false, false, Map.of(BRIDGE + "enable_ip_masquerade", "false"));
    add(text, "routed", false, true, Map.of(BRIDGE + "gateway_mode_ipv6", "routed"));
    add(text, "open", false, false, Map.of(BRIDGE + "gateway_mode_ipv4", "nat-unprotected"));
    assertThat(text.toString()).isEqualTo(golden());
  }

  private static void add(
      StringBuilder text,
      String title,
      boolean internal,
      boolean ipv6,
      Map<String, String> options) {
    Pool four = new Pool("10.201.4.0/22", "10.201.4.1", "", Map.of());
    Pool six = new Pool("fd00:7::/64", "fd00:7::1", "", Map.of());
    NetworkSpec spec =
        NetworkSpec.of("n")
            .with()
            .driver("bridge")
            .options(options)
            .internal(internal)
            .ipv6(ipv6)
            .pools(ipv6 ? List.of(four, six) : List.of(four))
            .build();
    Network network =
        new Network(new NetworkRecord("id", spec, false, false, "jcnet", "2026-01-01T00:00:00Z"));
    text.append("# ").append(title).append('\n');
    for (Element element : network.elements()) {
      byte[] end = element.keyEnd();
      text.append(element.set()).append(' ').append(words(element.key()));
      text.append(end == null ? "" : " - " + words(end));
      text.append(element.gotoChain() == null ? "" : " : goto " + element.gotoChain()).append('\n');
    }
  }

  /** Sixteen bytes of a name, and what follows in fours. */
  private static String words(byte[] key) {
    String hex = HexFormat.of().formatHex(key).substring(32).replaceAll("(.{8})", " $1");
    String name = new String(key, 0, 16, StandardCharsets.US_ASCII).replace("\0", "");
    String second =
        new String(HexFormat.of().parseHex(hex.replace(" ", "")), StandardCharsets.US_ASCII);
    return second.startsWith("jc") ? name + " " + second.replace("\0", "") : name + hex;
  }

  private static String golden() throws IOException {
    try (InputStream in =
        NetworkElementsTest.class.getResourceAsStream("/NetworkElementsTest/elements.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
