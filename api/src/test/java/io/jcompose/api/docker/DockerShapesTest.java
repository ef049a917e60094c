package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Images;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.core.Volumes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What answers have, what is null there and what is not there, where dockerd has it so. */
@Timeout(30)
class DockerShapesTest {
  @TempDir Path folder;
  private DockerFakes docker;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    Images.ImageView image = DockerFakes.image("busybox:latest");
    docker.images.add(image);
    docker.details.put(
        image.id(),
        new Images.ImageDetails(
            "{\"config\":{\"Cmd\":[\"sh\"]},\"history\":[{\"comment\":\"a\"},{\"comment\":\"last\"}]}",
            List.of(),
            List.of(),
            null));
    docker.networks.add(
        new NetworkView("f".repeat(64), NetworkSpec.predefinedBridge(), DockerFakes.NOW));
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private JsonNode json(String path) throws IOException {
    Answer answer = docker.get(path);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return JsonText.MAPPER.readTree(answer.bytes());
  }

  private static ContainerView inMode(String name, String mode) {
    ContainerSpec spec = ContainerSpec.of(name, "busybox");
    return DockerFakes.container(
        spec.with().networking(Networking.NONE.withMode(mode)).build(), State.RUNNING);
  }

  private static ContainerView on(State state, EndpointSpec endpoint) {
    ContainerSpec spec = ContainerSpec.of("run", "busybox");
    Networking networking =
        Networking.NONE.with().mode("networks").endpoints(List.of(endpoint)).build();
    boolean runs = state == State.RUNNING;
    return DockerFakes.container(spec.with().networking(networking).build(), state)
        .with()
        .endpoints(
            List.of(
                new EndpointView(
                    endpoint.network(),
                    runs ? "f".repeat(64) : "",
                    runs ? "10.0.0.2" : "",
                    "",
                    runs ? "02:00:00:00:00:02" : "",
                    runs ? "10.0.0.1" : "",
                    endpoint.aliases())))
        .build();
  }

  @Test
  void modesOfAContainerAreNetworksToo() throws IOException {
    docker.containers.add(inMode("hosted", "host"));
    docker.containers.add(inMode("alone", "none"));
    assertThat(json("/networks").findValuesAsText("Name")).contains("bridge", "host", "none");
    JsonNode host = json("/networks/host");
    assertThat(host.path("Driver").asText()).isEqualTo("host");
    assertThat(host.path("IPAM").toString())
        .isEqualTo("{\"Driver\":\"default\",\"Options\":null,\"Config\":null}");
    assertThat(host.path("Labels").toString()).isEqualTo("{}");
    JsonNode container = json("/containers/hosted/json");
    JsonNode endpoint = container.path("NetworkSettings").path("Networks").path("host");
    assertThat(endpoint.path("NetworkID")).isEqualTo(host.path("Id"));
    assertThat(host.path("Containers").path(container.path("Id").asText()).path("EndpointID"))
        .isEqualTo(endpoint.path("EndpointID"));
    assertThat(json("/networks/" + host.path("Id").asText().substring(0, 12))).isEqualTo(host);
    assertThat(json("/networks/none").path("Driver").asText()).isEqualTo("null");
    Answer removal = docker.call("DELETE", "/networks/none", "");
    assertThat(removal.status()).isEqualTo(403);
    assertThat(removal.message()).isEqualTo("none is a pre-defined network and cannot be removed");
  }

  @Test
  void theBridgeIsThereBeforeAnybodyWantsIt() throws IOException {
    docker.networks.clear();
    docker.answers.put(
        "Networks.create",
        arguments -> {
          docker.networks.add(
              new NetworkView("f".repeat(64), (NetworkSpec) arguments[0], DockerFakes.NOW));
          return "f".repeat(64);
        });
    JsonNode bridge = json("/networks/bridge");
    assertThat(bridge.path("Labels").toString()).isEqualTo("{}");
    assertThat(bridge.path("Options").path("com.docker.network.bridge.default_bridge").asText())
        .isEqualTo("true");
  }

  @Test
  void reservedAddressesAreToldAndWhatANetworkIsRefusedForHasItsStatus() throws IOException {
    Pool pool = new Pool("10.1.0.0/24", "10.1.0.1", "", Map.of("other", "10.1.0.9"));
    docker.networks.add(
        new NetworkView(
            "e".repeat(64), NetworkSpec.of("shop").withPools(List.of(pool)), DockerFakes.NOW));
    assertThat(json("/networks/shop").path("IPAM").path("Config").path(0).toString())
        .isEqualTo(
            "{\"Subnet\":\"10.1.0.0/24\",\"Gateway\":\"10.1.0.1\","
                + "\"AuxiliaryAddresses\":{\"other\":\"10.1.0.9\"}}");
    Answer unnamed = docker.call("POST", "/networks/create", "{\"Name\":\"\"}");
    assertThat(unnamed.message()).isEqualTo("invalid name: name is empty");
    docker.answers.put(
        "Networks.create",
        arguments -> {
          throw new io.jcompose.core.JcomposeException.Conflict(
              "invalid pool request: Pool overlaps with other one on this address space");
        });
    assertThat(docker.call("POST", "/networks/create", "{\"Name\":\"a\"}").status()).isEqualTo(403);
  }

  @Test
  void theDefaultBridgesAddressIsToldBesideTheNetworks() throws IOException {
    docker.containers.add(on(State.RUNNING, EndpointSpec.of("bridge", List.of())));
    JsonNode settings = json("/containers/run/json").path("NetworkSettings");
    JsonNode bridge = settings.path("Networks").path("bridge");
    assertThat(settings.path("IPAddress").asText()).isEqualTo("10.0.0.2");
    assertThat(settings.path("Gateway").asText()).isEqualTo("10.0.0.1");
    assertThat(settings.path("EndpointID").asText()).hasSize(64);
    assertThat(settings.path("EndpointID")).isEqualTo(bridge.path("EndpointID"));
    assertThat(settings.path("SandboxID").asText()).hasSize(64);
    assertThat(bridge.path("Aliases").isNull()).isTrue();
    assertThat(bridge.path("DNSNames").isArray()).isTrue();
  }

  @Test
  void beforeItsFirstStartAContainerShowsWhatWasAskedFor() throws IOException {
    docker.containers.add(
        on(
            State.CREATED,
            EndpointSpec.of("shop", List.of("front"))
                .withMacAddress("02:00:00:00:00:09")
                .withOptions(new EndpointOptions(Map.of("k", "v"), Map.of("base", "db"), 0, 0))));
    JsonNode container = json("/containers/run/json");
    for (String path : List.of("LogPath", "HostsPath", "HostnamePath", "ResolvConfPath")) {
      assertThat(container.path(path).asText("?")).isEmpty();
    }
    assertThat(container.path("Config").path("MacAddress").asText()).endsWith(":09");
    JsonNode shop = container.path("NetworkSettings").path("Networks").path("shop");
    assertThat(shop.path("MacAddress").asText()).endsWith(":09");
    assertThat(shop.path("DriverOpts").toString()).isEqualTo("{\"k\":\"v\"}");
    assertThat(shop.path("Links").toString()).isEqualTo("[\"db:base\"]");
    assertThat(shop.path("DNSNames").isNull()).isTrue();
    assertThat(shop.path("EndpointID").asText("?")).isEmpty();
    JsonNode listed = json("/containers/json?all=1").path(0).path("NetworkSettings");
    assertThat(listed.path("Networks").path("shop").path("DriverOpts").isNull()).isTrue();
  }

  @Test
  void linksOfTheBridgeAreTheHosts() throws IOException {
    docker.containers.add(
        on(
            State.RUNNING,
            EndpointSpec.of("bridge", List.of())
                .withOptions(new EndpointOptions(Map.of(), Map.of("base", "db"), 0, 0))));
    JsonNode container = json("/containers/run/json");
    assertThat(container.path("HostConfig").path("Links").toString())
        .isEqualTo("[\"/db:/run/base\"]");
    JsonNode networks = container.path("NetworkSettings").path("Networks");
    assertThat(networks.path("bridge").path("Links").isNull()).isTrue();
  }

  @Test
  void volumesWithoutANameAreOfTheConfig() throws IOException {
    ContainerSpec spec = ContainerSpec.of("run", "busybox");
    docker.containers.add(
        DockerFakes.container(
            spec.with().mounts(List.of(new MountSpec.Volume("", "/own", false, false, ""))).build(),
            State.RUNNING));
    assertThat(json("/containers/run/json").path("Config").path("Volumes").toString())
        .isEqualTo("{\"/own\":{}}");
    docker.volumes.add(
        new Volumes.VolumeView(
            new Volumes.VolumeSpec("a", "local", Map.of(), Map.of()),
            Path.of("/v"),
            DockerFakes.NOW,
            true));
    assertThat(json("/volumes/a").path("Labels").toString())
        .isEqualTo("{\"com.docker.volume.anonymous\":\"\"}");
  }

  @Test
  void formerVersionsHaveTheMembersThatTheirClientsRead() throws IOException {
    JsonNode now = json("/v1.51/images/busybox:latest/json");
    assertThat(now.has("VirtualSize")).isFalse();
    assertThat(now.path("Config").has("Tty")).isFalse();
    assertThat(now.path("Comment").asText()).isEqualTo("last");
    JsonNode before = json("/v1.43/images/busybox:latest/json");
    assertThat(before.path("VirtualSize").asInt()).isEqualTo(1000);
    assertThat(before.path("Config").path("Tty").isBoolean()).isTrue();
    assertThat(before.path("Config").path("Cmd").toString()).isEqualTo("[\"sh\"]");
    assertThat(before.path("ContainerConfig").path("Cmd").isNull()).isTrue();
    assertThat(json("/v1.44/images/json").path(0).has("VirtualSize")).isFalse();
    assertThat(json("/v1.43/images/json").path(0).path("VirtualSize").asInt()).isEqualTo(1000);
    assertThat(json("/v1.51/info").has("BridgeNfIptables")).isFalse();
    JsonNode info = json("/v1.24/info");
    assertThat(info.path("BridgeNfIptables").isBoolean()).isTrue();
    assertThat(info.path("KernelMemory").isBoolean()).isTrue();
    assertThat(info.has("FirewallBackend")).isFalse();
    assertThat(info.path("SecurityOptions").toString()).isEqualTo("[\"seccomp\"]");
  }

  @Test
  void whatWouldPruneByNoTimeIsRefused() throws IOException {
    for (String kind : List.of("containers", "networks", "images")) {
      Answer answer = docker.post("/" + kind + "/prune?filters=" + filters("nosuch"));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.message())
          .isEqualTo("failed to parse value as time or duration: \"nosuch\"");
    }
    assertThat(docker.post("/containers/prune?filters=" + filters("1h\",\"2h")).message())
        .isEqualTo("more than one until filter specified");
    assertThat(docker.asked).isEmpty();
  }

  private static String filters(String until) {
    return URLEncoder.encode("{\"until\":[\"" + until + "\"]}", StandardCharsets.UTF_8);
  }

  @Test
  void whatCreateIsAskedForMustBeSomething() throws IOException {
    assertThat(created("{}")).isEqualTo("config cannot be empty in order to create a container");
    assertThat(created("{\"Tty\":true}")).isEqualTo("no image specified");
    String host = "{\"Image\":\"busybox:latest\",\"HostConfig\":{\"%s\":\"nosuch\"}}";
    assertThat(created(host.formatted("IpcMode"))).isEqualTo("invalid IPC mode: nosuch");
    assertThat(created(host.formatted("PidMode"))).isEqualTo("invalid PID mode: nosuch");
    assertThat(created(host.formatted("UTSMode"))).isEqualTo("invalid UTS mode: nosuch");
    assertThat(created(host.formatted("CgroupnsMode")))
        .isEqualTo("invalid cgroup namespace mode: nosuch");
  }

  private String created(String json) throws IOException {
    Answer answer = docker.call("POST", "/containers/create", json);
    assertThat(answer.status()).isEqualTo(400);
    return answer.message();
  }

  private List<String> events(String filters) throws IOException {
    String encoded = URLEncoder.encode(filters, StandardCharsets.UTF_8);
    Answer answer = docker.get("/events?since=1&until=2&filters=" + encoded);
    assertThat(answer.status()).isEqualTo(200);
    return answer.body().lines().toList();
  }

  @Test
  void eventsOfAllKindsComeInTheirShapesAndByTheirFilters() throws IOException {
    Instant at = Instant.ofEpochSecond(1, 5);
    docker.containers.add(
        on(State.RUNNING, EndpointSpec.of("bridge", List.of()))
            .with()
            .anonymousVolumes(Map.of("/own", "v1"))
            .build());
    String id = docker.containers.getFirst().id();
    docker.tell(new EngineEvent.ContainerStarted(id, "run", Map.of(), at));
    docker.tell(
        new EngineEvent.ObjectChanged(
            "image", "sha256:i", "tag", Map.of("name", "a:1"), Map.of("k", "l"), at));
    assertThat(events("{}"))
        .containsExactly(
            "{\"Type\":\"network\",\"Action\":\"connect\",\"Actor\":{\"ID\":\""
                + "f".repeat(64)
                + "\",\"Attributes\":{\"container\":\""
                + id
                + "\",\"name\":\"bridge\",\"type\":\"bridge\"}},\"scope\":\"local\",\"time\":1,"
                + "\"timeNano\":1000000005}",
            "{\"Type\":\"volume\",\"Action\":\"mount\",\"Actor\":{\"ID\":\"v1\",\"Attributes\":"
                + "{\"container\":\""
                + id
                + "\",\"destination\":\"/own\",\"driver\":\"local\",\"propagation\":\"\","
                + "\"read/write\":\"true\"}},\"scope\":\"local\",\"time\":1,"
                + "\"timeNano\":1000000005}",
            "{\"status\":\"start\",\"id\":\""
                + id
                + "\",\"from\":\"busybox\",\"Type\":\"container\",\"Action\":\"start\",\"Actor\":"
                + "{\"ID\":\""
                + id
                + "\",\"Attributes\":{\"image\":\"busybox\",\"name\":\"run\"}},"
                + "\"scope\":\"local\",\"time\":1,\"timeNano\":1000000005}",
            "{\"status\":\"tag\",\"id\":\"sha256:i\",\"Type\":\"image\",\"Action\":\"tag\","
                + "\"Actor\":{\"ID\":\"sha256:i\",\"Attributes\":{\"k\":\"l\",\"name\":\"a:1\"}},"
                + "\"scope\":\"local\",\"time\":1,\"timeNano\":1000000005}");
    assertThat(events("{\"type\":[\"volume\",\"image\"]}")).hasSize(2);
    assertThat(events("{\"network\":[\"bridge\"]}")).hasSize(1);
    assertThat(events("{\"volume\":[\"v1\"]}")).hasSize(1);
    assertThat(events("{\"container\":[\"run\"]}")).hasSize(1);
    assertThat(events("{\"image\":[\"a\"]}")).hasSize(1);
    assertThat(events("{\"image\":[\"busybox\"]}")).hasSize(1);
    assertThat(events("{\"label\":[\"k=l\"]}")).hasSize(1);
    assertThat(events("{\"nosuch\":[\"a\"],\"event\":[\"tag\"]}")).hasSize(1);
    assertThat(events("{\"daemon\":[\"a\"]}")).isEmpty();
    assertThat(events("{\"scope\":[\"swarm\"]}")).isEmpty();
    docker.tell(
        new EngineEvent.ContainerExited(
            id, "run", Map.of(), 0, false, true, java.time.Duration.ZERO, at));
    assertThat(events("{\"event\":[\"disconnect\",\"unmount\"]}")).hasSize(2);
  }

  @Test
  void attachesAndPrunesAreTold() throws IOException {
    docker.containers.add(inMode("run", "none"));
    assertThat(docker.post("/containers/run/resize?h=3&w=4").status()).isEqualTo(200);
    assertThat(docker.post("/containers/run/attach").status()).isEqualTo(200);
    assertThat(docker.post("/networks/prune").status()).isEqualTo(200);
    List<String> all = new ArrayList<>();
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(channel, "GET /events?since=1 HTTP/1.1\r\n\r\n");
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      while (all.size() < 3) {
        String line = lines.readLine();
        if (line.startsWith("{")) {
          all.add(line);
        }
      }
    }
    assertThat(all.getFirst()).contains("\"height\":\"3\"", "\"width\":\"4\"");
    assertThat(all.get(1)).contains("\"Action\":\"attach\"");
    assertThat(all.getLast())
        .startsWith("{\"Type\":\"network\",\"Action\":\"prune\",\"Actor\":{\"ID\":\"\",")
        .contains("{\"reclaimed\":\"0\"}");
  }

  @Test
  void anotherConnectWithoutWordsLeavesWhatWasAskedFor() throws IOException {
    docker.networks.add(new NetworkView("e".repeat(64), NetworkSpec.of("shop"), DockerFakes.NOW));
    docker.containers.add(on(State.CREATED, EndpointSpec.of("shop", List.of("front"))));
    Answer again = docker.call("POST", "/networks/shop/connect", "{\"Container\":\"run\"}");
    assertThat(again.status()).isEqualTo(200);
    assertThat(docker.asked).isEmpty();
  }
}
