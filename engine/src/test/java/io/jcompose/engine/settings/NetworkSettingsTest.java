package io.jcompose.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.network.AddressPool;
import io.jcompose.network.NetworkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkSettingsTest {
  private static final String MTU = "com.docker.network.driver.mtu";

  @TempDir Path folder;

  private NetworkConfig config(String json) throws IOException {
    return NetworkSettings.over(
        NetworkConfig.of(folder, ""),
        SettingsFile.load(Files.writeString(folder.resolve("engine.json"), json)));
  }

  @Test
  void withoutSettingsAllIsAsItWas() throws IOException {
    assertThat(config("{}")).isEqualTo(NetworkConfig.of(folder, ""));
  }

  @Test
  void takesPoolsAddressAndOptions() throws IOException {
    NetworkConfig config =
        config(
            """
            {"default-address-pools": [{"base": "172.80.0.0/16", "size": 24}], "ip": "127.0.0.1",
             "mtu": 1400, "ip-forward-no-drop": true,
             "default-network-opts": {"macvlan": {"parent": "eth1"}}}""");
    assertThat(config.addressPools()).containsExactly(new AddressPool("172.80.0.0/16", 24));
    assertThat(config.publishAddresses()).containsExactly("127.0.0.1");
    assertThat(config.forwardsForOthers()).isTrue();
    assertThat(config.networkOptions())
        .isEqualTo(Map.of("bridge", Map.of(MTU, "1400"), "macvlan", Map.of("parent", "eth1")));
  }

  @Test
  void anMtuOfTheNetworkOptionsGoesFirst() throws IOException {
    String json =
        "{\"mtu\": 1400, \"default-network-opts\": {\"bridge\": {\"" + MTU + "\": 1300}}}";
    assertThat(config(json).networkOptions()).isEqualTo(Map.of("bridge", Map.of(MTU, "1300")));
  }

  @Test
  void whatCannotBeMeantIsNamedWithItsKey() {
    for (Map.Entry<String, String> wrong :
        List.of(
            Map.entry("{\"default-address-pools\": []}", "give at least one pool"),
            Map.entry("{\"default-address-pools\": [{\"base\": \"10.0.0.0/8\"}]}", "give {"),
            Map.entry(
                "{\"default-address-pools\": [{\"base\": \"10.0.0.0/8\", \"size\": 31}]}", "size"),
            Map.entry(
                "{\"default-address-pools\": [{\"base\": \"fd00::/8\", \"size\": 64}]}", "IPv4"),
            Map.entry("{\"ip\": \"here\"}", "ip: \"here\" is not an address"),
            Map.entry("{\"mtu\": 10}", "mtu: give a number from 68"))) {
      assertThatThrownBy(() -> config(wrong.getKey()))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining(wrong.getValue());
    }
  }
}
