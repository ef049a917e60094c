package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.Reconciler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTranslationTest {
  @TempDir private Path folder;

  private Translation translate(String file) throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), file);
    return Translation.of(new ProjectLoader().load(LoadRequest.of(folder, Map.of())));
  }

  private Networking web(String service, String rest) throws IOException {
    return translate("services:\n  web:\n    image: i\n" + service + "  db:\n    image: i\n" + rest)
        .desired()
        .services()
        .get("web")
        .template()
        .networking();
  }

  @Test
  void whatIsExposedIsTold() throws IOException {
    assertThat(web("    expose: [9000, '53/udp', '3000-3005']\n", "").exposed())
        .containsExactly("9000/tcp", "53/udp", "3000-3005/tcp");
  }

  @Test
  void linksAndLimitsBelongToEveryEndpoint() throws IOException {
    Networking web =
        web(
            """
                links: [db, "db:database"]
                external_links: ["other_cache_1:cache"]
                networks: [front, back]
                x-jcompose: {network: {ingress: 10mbit, egress: 1.5 Gbit/s}}
            """,
            "networks: {front: {}, back: {}}\n");
    assertThat(web.endpoints()).hasSize(2);
    assertThat(web.endpoints())
        .allSatisfy(
            endpoint ->
                assertThat(endpoint.options())
                    .isEqualTo(
                        new EndpointOptions(
                            Map.of(),
                            Map.of("database", "db", "cache", "other_cache_1"),
                            10_000_000,
                            1_500_000_000)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{network: {ingress: fast}}|services.web.x-jcompose.network.ingress: fast is no rate",
        "{network: {egress: 1kbit}}|services.web.x-jcompose.network.egress: 1kbit is out of range",
        "{network: {speed: 1mbit}}|services.web.x-jcompose.network: unknown key speed",
        "{net: {}}|services.web.x-jcompose: unknown key net",
        "{network: 10mbit}|services.web.x-jcompose.network: must be a mapping"
      })
  void limitsAreChecked(String extension, String message) {
    assertThatThrownBy(() -> web("    x-jcompose: " + extension + "\n", ""))
        .hasMessageContaining("compose.yaml:4:")
        .hasMessageContaining(": " + message);
  }

  @Test
  void limitsNeedANetwork() {
    assertThatThrownBy(
            () -> web("    network_mode: host\n    x-jcompose: {network: {ingress: 1mbit}}\n", ""))
        .hasMessageContaining("limits need a network of the service's own");
  }

  @Test
  void predefinedNetworksAreModes() throws IOException {
    String outside = "networks: {outside: {external: true, name: host}}\n";
    assertThat(web("    networks: [outside]\n", outside).mode()).isEqualTo("host");
    assertThat(web("    networks: [outside]\n", outside).endpoints()).isEmpty();
    assertThatThrownBy(() -> web("    networks: [outside, default]\n", outside))
        .hasMessageContaining("cannot be joined beside others");
    Translation published =
        translate("services: {web: {image: i, networks: [outside], ports: ['80']}}\n" + outside);
    assertThat(published.warningsOf(List.of("web")))
        .singleElement()
        .asString()
        .endsWith("services.web.ports: not carried out (discarded with network host)");
  }

  @Test
  void driversAndOptionsAreKnownOrRefused() throws IOException {
    Translation known =
        translate(
            """
            services:
              web:
                image: i
                networks:
                  lan:
                    driver_opts:
                      com.docker.network.endpoint.sysctls: net.ipv4.conf.IFNAME.log_martians=1
            networks:
              lan:
                driver: macvlan
                enable_ipv6: true
                driver_opts: {parent: eth0}
            """);
    known.requireSupported(List.of("web"));
    assertThat(known.desired().networks().get("lan").spec().driver()).isEqualTo("macvlan");
    assertThat(known.desired().networks().get("lan").spec().ipv6()).isTrue();
    Translation unknown =
        translate(
            """
            services:
              web:
                image: i
                networks: {lan: {driver_opts: {foo: bar}}}
            networks:
              lan: {driver: ipvlan, ipam: {options: {a: b}}}
            """);
    assertThatThrownBy(() -> unknown.requireSupported(List.of("web")))
        .hasMessageContaining(
            "services.web.networks.driver_opts: not supported yet (only com.docker.network.endpoint.sysctls)")
        .hasMessageContaining("networks.lan.driver: not supported yet (only bridge and macvlan)")
        .hasMessageContaining("networks.lan.ipam.options");
  }

  @Test
  void networksAndVolumesKeepTheirOwnLabels() throws IOException {
    Desired desired =
        translate(
                """
                services:
                  web: {image: i, networks: [lan, wan], volumes: ["data:/d", "other:/o"]}
                networks:
                  lan: {labels: {a: "1"}}
                  wan: {external: true, name: outside}
                volumes:
                  data: {labels: [b=2]}
                  other: {external: true}
                """)
            .desired();
    assertThat(desired.networks().get("lan").spec().labels())
        .containsEntry("a", "1")
        .containsEntry("com.docker.compose.network", "lan");
    assertThat(desired.volumes().get("data").spec().labels())
        .containsEntry("b", "2")
        .containsEntry("com.docker.compose.volume", "data");
    assertThat(desired.networks().get("wan").external()).isTrue();
    assertThat(desired.networks().get("wan").spec().name()).isEqualTo("outside");
    assertThat(desired.volumes().get("other").external()).isTrue();
    assertThat(desired.volumes().get("other").spec().name()).isEqualTo("other");
  }

  @Test
  void whoCanLiftALimitIsWarned() throws IOException {
    Translation translation =
        translate(
            """
            services:
              web:
                image: i
                cap_add: [NET_ADMIN]
                x-jcompose: {network: {egress: 1mbit}}
            """);
    assertThat(translation.warningsOf(List.of("web")))
        .singleElement()
        .asString()
        .endsWith(
            "services.web.x-jcompose.network.egress: not carried out (a container with NET_ADMIN can lift it)");
  }

  @Test
  void networksThatStateTheirSubnetAreMadeBeforeThoseThatTakeAny() throws IOException {
    Desired desired =
        translate(
                """
                name: shop
                services:
                  web: {image: i, networks: [aa, zz]}
                networks:
                  aa: {}
                  zz: {ipam: {config: [{subnet: 10.201.7.0/24}]}}
                """)
            .desired();
    Observed nothing = Observed.of(List.of());
    assertThat(Reconciler.up(desired, nothing, UpOptions.DEFAULT, Set.of()).text())
        .contains("1. create network shop_zz  (it does not exist)")
        .contains("2. create network shop_aa after 1  (it does not exist)");
  }
}
