package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers that clients put on networks and take off them. */
@Timeout(30)
class NetworkConnectionsTest {
  @TempDir Path folder;
  private DockerFakes docker;
  private final List<Object[]> connected = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.containers.add(DockerFakes.container("web", State.RUNNING));
    docker.networks.add(new NetworkView("e".repeat(64), NetworkSpec.of("shop"), DockerFakes.NOW));
    docker.answers.put(
        "Containers.connect",
        arguments -> {
          connected.add(arguments);
          return null;
        });
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private Answer call(String network, String action, String json) throws IOException {
    return docker.call("POST", "/networks/" + network + "/" + action, json.replace('\'', '"'));
  }

  private void refused(Answer answer, int status, String message) throws IOException {
    assertThat(answer.message()).isEqualTo(message);
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void whatIsAskedForOnTheNetworkReachesTheEngine() throws IOException {
    Answer answer =
        call(
            "shop",
            "connect",
            "{'Container':'web','EndpointConfig':{'IPAMConfig':{'IPv4Address':'10.0.0.9',"
                + "'IPv6Address':'fd00::9'},'Links':['db:base'],'Aliases':['front'],"
                + "'MacAddress':'02:00:00:00:00:09','DriverOpts':{'k':'v'},'GwPriority':7}}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    String id = docker.containers.getFirst().id();
    assertThat(connected.getLast())
        .containsExactly(
            id,
            new EndpointSpec(
                "shop",
                List.of("front"),
                "10.0.0.9",
                "fd00::9",
                "02:00:00:00:00:09",
                "",
                7,
                new EndpointOptions(Map.of("k", "v"), Map.of("base", "db"), 0, 0)));
    assertThat(call("shop", "connect", "{'Container':'web'}").status()).isEqualTo(200);
    assertThat(connected.getLast()).containsExactly(id, EndpointSpec.of("shop", List.of()));
    assertThat(call("shop", "disconnect", "{'Container':'web','Force':true}").status())
        .isEqualTo(200);
    assertThat(docker.asked).containsExactly("disconnect " + id + " shop");
  }

  @Test
  void theNetworkOfAllIsMadeWhenItIsWanted() throws IOException {
    assertThat(call("bridge", "connect", "{'Container':'web'}").status()).isEqualTo(200);
    assertThat(docker.asked).contains("create " + NetworkSpec.predefinedBridge());
    refused(
        call("bridge", "connect", "{'Container':'web','EndpointConfig':{'Aliases':['x']}}"),
        400,
        "invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user"
            + " defined networks");
  }

  @Test
  void refusalsHaveTheDaemonsStatusesAndWords() throws IOException {
    refused(call("shop", "connect", "{'Container':'no'}"), 404, "No such container: no");
    refused(call("shop", "connect", "{}"), 400, "invalid name or ID supplied: \"\"");
    refused(call("shop", "disconnect", "{'Container':'no'}"), 404, "No such container: no");
    refused(
        call("shop", "disconnect", "{'Container':'no','Force':true}"),
        404,
        "endpoint no not found");
    refused(
        call("nope", "disconnect", "{'Container':'no','Force':true}"),
        404,
        "network nope not found");
    docker.answers.put(
        "Containers.connect",
        arguments -> {
          throw new JcomposeException.Conflict(
              "endpoint with name web already exists in network shop");
        });
    refused(
        call("shop", "connect", "{'Container':'web'}"),
        403,
        "endpoint with name web already exists in network shop");
    docker.answers.put(
        "Containers.disconnect",
        arguments -> {
          throw new JcomposeException.Conflict("container web is not connected to network shop");
        });
    refused(
        call("shop", "disconnect", "{'Container':'web'}"),
        500,
        "container web is not connected to network shop");
  }
}
