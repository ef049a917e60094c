package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Images;
import io.jcompose.core.Networking;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Statuses, texts and keys are those of dockerd 28.5.2, as it answered. */
@Timeout(30)
class DockerApiTest {
  @TempDir Path folder;
  private DockerFakes docker;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private static JsonNode json(Answer answer) throws IOException {
    assertThat(answer.type()).isEqualTo("application/json");
    return JsonText.MAPPER.readTree(answer.bytes());
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private List<String> names(String query) throws IOException {
    List<String> names = new ArrayList<>();
    json(docker.get("/v1.50/containers/json" + query))
        .forEach(one -> names.add(one.path("Names").path(0).asText()));
    return names;
  }

  private static String filters(String json) {
    return "filters=" + URLEncoder.encode(json, StandardCharsets.UTF_8);
  }

  @Test
  void aPingTellsWhatClientsNegotiateBy() throws IOException {
    for (String path : List.of("/_ping", "/v1.40/_ping")) {
      Answer head = docker.call("HEAD", path, "");
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.head())
          .contains("Api-Version: 1.51\r\n")
          .contains("Ostype: linux\r\n")
          .contains("Docker-Experimental: false\r\n")
          .contains("Builder-Version: 2\r\n")
          .contains("Swarm: inactive\r\n")
          .contains("Server: jcompose/0.1.0 (linux)\r\n");
    }
    assertThat(docker.get("/_ping").body()).isEqualTo("OK");
  }

  @Test
  void versionsBeyondItsOwnAreRefusedInDockersWords() throws IOException {
    assertThat(docker.get("/v1.52/version").message())
        .isEqualTo("client version 1.52 is too new. Maximum supported API version is 1.51");
    assertThat(docker.get("/v1.23/version").message())
        .isEqualTo(
            "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade"
                + " your client to a newer version");
    assertThat(docker.get("/v1.52/version").status()).isEqualTo(400);
    assertThat(docker.get("/v1.24/version").status()).isEqualTo(200);
    assertThat(docker.get("/v0.9/version").status()).isEqualTo(400);
    assertThat(docker.get("/v9999.1/version").status()).isEqualTo(404);
  }

  @Test
  void whatThereIsNotIsSaidAsJson() throws IOException {
    for (String path :
        List.of("/nosuch", "/v1.51/", "/containers/x", "/v1.51/containers/a/b/json")) {
      Answer answer = docker.get(path);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.message()).isEqualTo("page not found");
      assertThat(answer.head()).contains("Api-Version: 1.51\r\n");
    }
    assertThat(docker.call("POST", "/version", "").status()).isEqualTo(404);
    assertThat(docker.get("/%zz").status()).isEqualTo(400);
    assertThat(docker.get("/plugins").body().strip()).isEqualTo("[]");
    for (String path : List.of("/swarm", "/nodes", "/services/x", "/v1.51/tasks", "/secrets")) {
      assertThat(docker.get(path).status()).isEqualTo(503);
      assertThat(docker.get(path).message()).startsWith("This node is not a swarm manager.");
    }
    Answer session = docker.call("POST", "/v1.50/session", "{}");
    assertThat(session.status()).isEqualTo(400);
    assertThat(session.message()).isEqualTo("the connection must be upgraded to h2c");
  }

  @Test
  void versionAndInfoHaveWhatClientsRead() throws IOException {
    JsonNode version = json(docker.get("/version"));
    assertThat(keys(version))
        .containsExactly(
            "Platform",
            "Components",
            "Version",
            "ApiVersion",
            "MinAPIVersion",
            "GitCommit",
            "GoVersion",
            "Os",
            "Arch",
            "KernelVersion",
            "BuildTime");
    assertThat(version.path("MinAPIVersion").asText()).isEqualTo("1.24");
    docker.containers.add(DockerFakes.container("web", State.RUNNING));
    JsonNode info = json(docker.get("/info"));
    assertThat(info.path("ContainersRunning").asInt()).isEqualTo(1);
    assertThat(info.path("Swarm").path("LocalNodeState").asText()).isEqualTo("inactive");
    assertThat(keys(info))
        .contains("ID", "NCPU", "MemTotal", "OSType", "Driver", "CgroupVersion", "Plugins")
        .contains("ServerVersion", "RegistryConfig", "SecurityOptions", "Runtimes", "Warnings");
  }

  @Test
  void aListOfContainersHasDockersKeys() throws IOException {
    docker.images.add(DockerFakes.image("busybox:latest"));
    docker.containers.add(
        DockerFakes.container("web", State.RUNNING)
            .withSpec(
                ContainerSpec.of("web", "busybox")
                    .with()
                    .labels(Map.of("l", "1"))
                    .networking(Networking.NONE.withMode("networks"))
                    .build())
            .withPorts(List.of(new ContainerView.PortBinding("", 8080, 80, "tcp"))));
    JsonNode one = json(docker.get("/containers/json")).path(0);
    assertThat(keys(one))
        .containsExactly(
            "Id",
            "Names",
            "Image",
            "ImageID",
            "Command",
            "Created",
            "Ports",
            "Labels",
            "State",
            "Status",
            "HostConfig",
            "NetworkSettings",
            "Mounts");
    assertThat(one.path("Command").asText()).isEqualTo("sh -c 'sleep 9'");
    assertThat(one.path("Status").asText()).isEqualTo("Up About a minute");
    assertThat(one.path("Ports").toString())
        .isEqualTo(
            "[{\"IP\":\"0.0.0.0\",\"PrivatePort\":80,\"PublicPort\":8080,\"Type\":\"tcp\"}]");
    assertThat(keys(json(docker.get("/containers/json?size=1")).path(0)))
        .contains("SizeRootFs")
        .doesNotContain("SizeRw"); // which is 0
  }

  @Test
  void filtersComeInBothFormsAndNewestFirst() throws IOException {
    docker.containers.add(DockerFakes.container("alpha", State.RUNNING));
    docker.containers.add(DockerFakes.container("beta", State.EXITED));
    docker.containers.add(DockerFakes.container("coda", State.CREATED));
    assertThat(names("")).containsExactly("/alpha");
    assertThat(names("?all=1")).containsExactly("/coda", "/beta", "/alpha");
    assertThat(names("?all=0")).containsExactly("/alpha");
    assertThat(names("?limit=2")).containsExactly("/coda", "/beta");
    assertThat(names("?" + filters("{\"status\":[\"exited\"]}"))).containsExactly("/beta");
    assertThat(names("?all=1&" + filters("{\"name\":{\"^be\":true}}"))).containsExactly("/beta");
    assertThat(names("?all=1&" + filters("{\"exited\":[\"3\"]}"))).containsExactly("/beta");
    assertThat(names("?all=1&" + filters("{\"before\":[\"beta\"]}"))).containsExactly("/alpha");
    assertThat(names("?all=1&" + filters("{\"since\":[\"beta\"]}"))).containsExactly("/coda");
    assertThat(names("?all=1&" + filters("{\"publish\":[\"80\"]}"))).isEmpty();
    assertThat(names("?all=1&" + filters("{\"ancestor\":[\"busybox\"]}"))).hasSize(3);
  }

  @Test
  void wrongFiltersAreRefusedInDockersWords() throws IOException {
    docker.containers.add(DockerFakes.container("alpha", State.RUNNING));
    Map<String, String> texts =
        Map.of(
            "x", "invalid filter",
            "[1]", "invalid filter",
            "{\"name\":\"x\"}", "invalid filter",
            "{\"bad\":[\"1\"]}", "invalid filter 'bad'",
            "{\"status\":[\"bad\"]}",
                "invalid filter 'status=bad': invalid value for state (bad): must be one of created,"
                    + " running, paused, restarting, removing, exited, dead",
            "{\"health\":[\"x\"]}",
                "invalid filter 'health=x': invalid value for health (x): must be one of none,"
                    + " starting, healthy, unhealthy",
            "{\"exited\":[\"x\"]}",
                "invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax");
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Answer answer = docker.get("/containers/json?" + filters(text.getKey()));
      assertThat(answer.status()).as(text.getKey()).isEqualTo(400);
      assertThat(answer.message()).isEqualTo(text.getValue());
    }
    Answer before = docker.get("/containers/json?" + filters("{\"before\":[\"x\"]}"));
    assertThat(before.status()).isEqualTo(404);
    assertThat(before.message()).isEqualTo("No such container: x");
    Answer limit = docker.get("/containers/json?limit=x");
    assertThat(limit.status()).isEqualTo(500);
    assertThat(limit.message()).isEqualTo("strconv.Atoi: parsing \"x\": invalid syntax");
    assertThat(docker.get("/networks?" + filters("{\"bad\":[]}")).status()).isEqualTo(400);
    assertThat(docker.get("/volumes?" + filters("{\"bad\":[]}")).status()).isEqualTo(400);
    assertThat(docker.get("/images/json?" + filters("{\"bad\":[]}")).status()).isEqualTo(400);
  }

  @Test
  void oneContainerIsShownByNameOrId() throws IOException {
    docker.containers.add(DockerFakes.container("web", State.EXITED));
    for (String ref : List.of("web", "%77eb", "777777777777")) {
      JsonNode one = json(docker.get("/v1.44/containers/" + ref + "/json"));
      assertThat(one.path("Name").asText()).isEqualTo("/web");
      assertThat(one.path("State").path("ExitCode").asInt()).isEqualTo(3);
      assertThat(keys(one)).doesNotContain("SizeRw");
    }
    assertThat(keys(json(docker.get("/containers/web/json?size=true")))).contains("SizeRootFs");
    Answer nobody = docker.get("/containers/nosuch/json");
    assertThat(nobody.status()).isEqualTo(404);
    assertThat(nobody.message()).isEqualTo("No such container: nosuch");
  }

  @Test
  void imagesAreListedShownAndTold() throws IOException {
    Images.ImageView image = DockerFakes.image("busybox:latest", "x/y:1");
    docker.images.add(image);
    docker.containers.add(DockerFakes.container("web", State.RUNNING));
    docker.details.put(
        image.id(),
        new Images.ImageDetails(
            """
            {"architecture":"amd64","os":"linux","config":{"Cmd":["sh"]},"rootfs":{"diff_ids":["sha256:d"]},
             "history":[{"created_by":"ADD","created":"2026-01-01T00:00:00Z"},{"created_by":"CMD","empty_layer":true}]}
            """,
            List.of(new Images.LayerSize("l", 900)),
            List.of(),
            null));
    JsonNode listed = json(docker.get("/images/json")).path(0);
    assertThat(keys(listed))
        .containsExactly(
            "Containers",
            "Created",
            "Id",
            "Labels",
            "ParentId",
            "RepoDigests",
            "RepoTags",
            "SharedSize",
            "Size");
    assertThat(listed.path("Labels").isNull()).isTrue();
    assertThat(listed.path("Containers").asInt()).isEqualTo(1);
    JsonNode other = json(docker.get("/images/json?" + filters("{\"reference\":[\"x/y\"]}")));
    assertThat(other.path(0).path("RepoTags").toString()).isEqualTo("[\"x/y:1\"]");
    assertThat(other.path(0).path("RepoDigests").toString()).isEqualTo("[]");
    JsonNode shown = json(docker.get("/images/x/y:1/json"));
    assertThat(shown.path("Config").path("Entrypoint").isNull()).isTrue();
    assertThat(shown.path("Config").path("WorkingDir").asText("none")).isEmpty();
    assertThat(shown.path("RootFS").path("Type").asText()).isEqualTo("layers");
    JsonNode history = json(docker.get("/images/x%2Fy:1/history"));
    assertThat(history.toString())
        .isEqualTo(
            "[{\"Comment\":\"\",\"Created\":0,\"CreatedBy\":\"CMD\",\"Id\":\""
                + image.id()
                + "\",\"Size\":0,\"Tags\":[\"busybox:latest\",\"x/y:1\"]},{\"Comment\":\"\","
                + "\"Created\":1767225600,\"CreatedBy\":\"ADD\",\"Id\":\"<missing>\",\"Size\":900,"
                + "\"Tags\":null}]");
    assertThat(docker.get("/images/nosuch/json").message())
        .isEqualTo("No such image: nosuch:latest");
    assertThat(docker.get("/images/UPPER/json").message())
        .isEqualTo("invalid reference format: repository name (library/UPPER) must be lowercase");
    assertThat(docker.get("/images/UPPER/json").status()).isEqualTo(400);
  }

  @Test
  void networksAndVolumesHaveTheirNulls() throws IOException {
    docker.networks.add(
        new Networks.NetworkView(
            "e".repeat(64), Networks.NetworkSpec.of("shop").withInternal(true), DockerFakes.NOW));
    docker.volumes.add(
        new Volumes.VolumeView(
            new Volumes.VolumeSpec("data", "local", Map.of(), Map.of()),
            Path.of("/v/data"),
            DockerFakes.NOW,
            false));
    assertThat(keys(json(docker.get("/networks")).path(0)))
        .containsExactly(
            "Name",
            "Id",
            "Created",
            "Scope",
            "Driver",
            "EnableIPv4",
            "EnableIPv6",
            "IPAM",
            "Internal",
            "Attachable",
            "Ingress",
            "ConfigFrom",
            "ConfigOnly",
            "Containers",
            "Options",
            "Labels");
    assertThat(json(docker.get("/networks/shop")).path("Internal").asBoolean()).isTrue();
    assertThat(docker.get("/networks/nosuch").message()).isEqualTo("network nosuch not found");
    JsonNode volumes = json(docker.get("/volumes"));
    assertThat(volumes.path("Warnings").isNull()).isTrue();
    assertThat(volumes.path("Volumes").path(0).path("Labels").isNull()).isTrue();
    assertThat(json(docker.get("/volumes/data")).path("Name").asText()).isEqualTo("data");
    assertThat(docker.get("/volumes/nosuch").message()).isEqualTo("get nosuch: no such volume");
    assertThat(docker.get("/volumes?" + filters("{\"name\":[\"zz\"]}")).body().strip())
        .isEqualTo("{\"Volumes\":[],\"Warnings\":null}");
  }

  @Test
  void diskUseIsOfTheKindsAskedFor() throws IOException {
    docker.containers.add(DockerFakes.container("web", State.RUNNING));
    JsonNode all = json(docker.get("/system/df"));
    assertThat(keys(all))
        .containsExactly("LayersSize", "Images", "Containers", "Volumes", "BuildCache");
    JsonNode one = json(docker.get("/system/df?type=container&type=volume"));
    assertThat(one.path("LayersSize").asInt(-1)).isZero();
    assertThat(one.path("Images").isNull()).isTrue();
    assertThat(one.path("Containers")).hasSize(1);
    assertThat(one.path("Volumes").isArray()).isTrue();
    assertThat(docker.get("/system/df?type=bad").message()).isEqualTo("unknown object type: bad");
  }

  @Test
  void faultsOfTheEnginesOwnAreNotShown() throws IOException {
    docker.answers.put(
        "Containers.list",
        arguments -> {
          throw new IllegalStateException("at io.jcompose.engine.Secret");
        });
    Answer answer = docker.get("/containers/json");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("Secret").contains("internal error");
  }
}
