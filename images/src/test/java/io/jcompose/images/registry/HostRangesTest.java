package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostRangesTest {
  @Test
  void knowsLoopbackAndRanges() {
    assertThat(HostRanges.isLoopback("127.9.9.9")).isTrue();
    assertThat(HostRanges.isLoopback("::1")).isTrue();
    assertThat(HostRanges.isLoopback("localhost")).isTrue();
    assertThat(HostRanges.isLoopback("128.0.0.1")).isFalse();
    assertThat(HostRanges.contains("10.1.0.0/16", "10.1.200.3")).isTrue();
    assertThat(HostRanges.contains("10.1.0.0/16", "10.2.0.3")).isFalse();
    assertThat(HostRanges.contains("10.1.0.0/16", "example.org")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "0.0.0.0, true",
    "10.1.2.3, true",
    "172.16.0.1, true",
    "192.168.1.1, true",
    "169.254.169.254, true",
    "::1, true",
    "fe80::1, true",
    "fd00::1, true",
    "fc01::1, true",
    "::ffff:10.0.0.1, true",
    "172.32.0.1, false",
    "8.8.8.8, false",
    "198.51.100.7, false",
    "2001:db8::1, false"
  })
  void knowsWhatIsInside(String address, boolean isInside) throws Exception {
    assertThat(HostRanges.isInside(InetAddress.getByName(address))).isEqualTo(isInside);
  }

  @Test
  void goesPastTheProxyWhereToldTo() {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "http://proxy:3128", "no_proxy", ".corp,10.0.0.0/8,exact.org");
    ProxyChoice choice = new ProxyChoice(environment::get);
    assertThat(choice.proxyFor(URI.create("https://example.org/v2/")))
        .isEqualTo(URI.create("http://proxy:3128"));
    assertThat(choice.proxyFor(URI.create("http://example.org/v2/"))).isNull();
    assertThat(choice.proxyFor(URI.create("https://a.corp/v2/"))).isNull();
    assertThat(choice.proxyFor(URI.create("https://exact.org/"))).isNull();
    assertThat(choice.proxyFor(URI.create("https://10.2.3.4/"))).isNull();
    assertThat(choice.proxyFor(URI.create("https://127.0.0.1:5000/"))).isNull();
  }
}
