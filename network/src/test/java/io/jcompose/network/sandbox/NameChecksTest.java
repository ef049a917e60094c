package io.jcompose.network.sandbox;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameChecksTest {
  private static final List<String> NONE = List.of();

  @ParameterizedTest
  @ValueSource(strings = {"a\nnameserver 203.0.113.1", "a b", "a\tb", "a\r", "\u0000", "\u2028"})
  void noSettingHoldsMoreThanOneWord(String text) {
    refused("hostname", text, NONE, NONE, NONE);
    refused("dns_search", "web", List.of(text), NONE, NONE);
    refused("dns_opt", "web", NONE, List.of(text), NONE);
    refused("dns", "web", NONE, NONE, List.of(text));
    assertThatThrownBy(() -> NameChecks.check(Networking.NONE, "web", text))
        .hasMessageContaining("invalid domainname");
  }

  @Test
  void noExtraHostHoldsMoreThanOneLine() {
    assertThatThrownBy(
            () -> NameChecks.check(hosts("a\n203.0.113.1 bank.test:10.0.0.1"), "web", ""))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("invalid extra_hosts \"a\\n203");
  }

  @Test
  void aNameServerIsAnAddress() {
    refused("dns", "web", NONE, NONE, List.of("dns.example"));
    assertThatCode(
            () ->
                NameChecks.check(
                    networking(
                        List.of("."), NONE, List.of("9.9.9.9", "2620:fe::9", "fe80::1%eth7")),
                    "web.example",
                    "example"))
        .doesNotThrowAnyException();
  }

  @Test
  void aHostnameIsNoLongerThanTheKernelTakes() {
    assertThatCode(() -> NameChecks.check(Networking.NONE, "h".repeat(64), ""))
        .doesNotThrowAnyException();
    refused("hostname", "h".repeat(65), NONE, NONE, NONE);
  }

  private static void refused(
      String setting,
      String hostname,
      List<String> search,
      List<String> options,
      List<String> dns) {
    assertThatThrownBy(() -> NameChecks.check(networking(search, options, dns), hostname, ""))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith("invalid " + setting + " \"");
  }

  private static Networking networking(
      List<String> search, List<String> options, List<String> dns) {
    return Networking.NONE
        .with()
        .mode("networks")
        .dns(dns)
        .dnsSearch(search)
        .dnsOptions(options)
        .extraHosts(NONE)
        .build();
  }

  private static Networking hosts(String line) {
    return Networking.NONE
        .with()
        .mode("networks")
        .dns(NONE)
        .dnsSearch(NONE)
        .dnsOptions(NONE)
        .extraHosts(List.of(line))
        .build();
  }
}
