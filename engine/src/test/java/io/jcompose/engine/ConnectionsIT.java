package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers that are connected to networks and disconnected, running or not. */
@Timeout(60)
class ConnectionsIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private static final PortSpec PORT = new PortSpec("127.0.0.1", 18083, 18083, 80, "tcp");
  private static final String SERVER =
      "while true; do echo hello | nc -l -p 80 >/dev/null 2>&1; done";

  @BeforeEach
  void networks() {
    host.network("a");
    host.network("b");
  }

  private static void connect(String container, String network) {
    host.containers().connect(container, EndpointSpec.of(network, List.of("alias-" + container)));
  }

  private static List<String> networks(String container) {
    return host.view(container).endpoints().stream().map(EndpointView::networkName).toList();
  }

  private static List<String> wanted(String container) {
    return host.view(container).spec().networking().endpoints().stream()
        .map(EndpointSpec::network)
        .toList();
  }

  private static String address(String container, String network) {
    return host.view(container).endpoints().stream()
        .filter(each -> each.networkName().equals(network))
        .findFirst()
        .orElseThrow()
        .ipv4Address();
  }

  private static String route(String container) {
    return host.exec(container, "ip route show default");
  }

  /** What the server of a container says; a moment may pass between two connections to it. */
  private static void serves(String from, String name) {
    EngineFixture.await(
        name, () -> host.exec(from, "nc -w 1 " + name + " 80 </dev/null").equals("hello\n"));
  }

  private static void servesThePort() {
    EngineFixture.await(
        "the port",
        () ->
            EngineFixture.shell(
                    "bash -c 'exec 3<>/dev/tcp/127.0.0.1/18083 && timeout 1 head -n 1 <&3'")
                .equals("hello\n"));
  }

  private static long hostInterfaces() {
    return EngineFixture.shell("ip -o link").lines().filter(l -> l.contains(": je")).count();
  }

  @Test
  void aRunningOneIsReachedOnTheNetworkUntilItLeaves() throws Exception {
    String web = host.start(host.spec("web").sh(SERVER).on("b", PORT));
    host.start(host.spec("db").sh("exec sleep 1000").on("a"));
    connect("web", "a");
    assertThat(networks("web")).containsExactly("b", "a");
    assertThat(wanted("web")).containsExactly("b", "a");
    serves("db", "web");
    serves("db", "alias-web");
    servesThePort();
    assertThat(host.exec("web", "nslookup db")).contains(address("db", "a"));
    assertThat(route("web")).contains("dev eth1"); // as after a start: the smaller name's
    String own = web.substring(0, 12);
    assertThat(host.exec("web", "cat /etc/hosts"))
        .contains(address("web", "b") + "\t" + own + "\n" + address("web", "a") + "\t" + own);
    assertThatThrownBy(() -> connect("web", "a"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("endpoint with name web already exists in network a");
    String given = address("web", "a");
    host.containers().disconnect("web", "a");
    assertThat(networks("web")).containsExactly("b");
    assertThat(wanted("web")).containsExactly("b");
    assertThat(host.exec("web", "ip -o link")).doesNotContain("eth1");
    assertThat(hostInterfaces()).isEqualTo(2);
    assertThat(host.exec("web", "cat /etc/hosts")).doesNotContain(given);
    assertThat(host.exec("db", "nslookup web")).doesNotContain(given);
    assertThat(host.exec("db", "nc -w 1 " + given + " 80 </dev/null")).isNotEqualTo("hello\n");
    assertThat(route("web")).contains("dev eth0");
    servesThePort();
    assertThatThrownBy(() -> host.containers().disconnect("web", "a"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("container " + web + " is not connected to network a");
    host.start(host.spec("next").sh("exec sleep 1000").on("a"));
    assertThat(address("next", "a")).isEqualTo(given);
  }

  @Test
  void oneThatDoesNotRunStartsThere() {
    String web = host.create(host.spec("web").sh(SERVER).on("b", PORT));
    host.start(host.spec("db").sh("exec sleep 1000").on("a"));
    connect("web", "a");
    connect("web", "a"); // says how it is to be there, as dockerd takes it
    host.containers().disconnect("web", "b");
    assertThat(wanted("web")).containsExactly("a");
    assertThatThrownBy(() -> host.containers().disconnect("web", "b"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("container " + web + " is not connected to the network b");
    host.reopen();
    host.containers().start("web");
    serves("db", "alias-web");
    servesThePort();
    host.containers().disconnect("web", "a");
    assertThat(host.view("web").ports()).isEmpty();
    host.containers().stop("web", null, true);
    host.containers().start("web");
    assertThat(networks("web")).isEmpty();
    assertThat(host.exec("web", "ip -o link").lines()).hasSize(1);
    connect("web", "a");
    serves("db", "alias-web");
    assertThat(host.exec("web", "nslookup db")).contains(address("db", "a"));
    servesThePort();
  }

  @Test
  void theNextEngineFindsItAsItIs() {
    host.start(host.spec("web").sh(SERVER).on("b", PORT));
    host.start(host.spec("db").sh("exec sleep 1000").on("a"));
    connect("web", "a");
    String given = address("web", "a");
    host.reopen();
    assertThat(networks("web")).containsExactly("b", "a");
    assertThat(address("web", "a")).isEqualTo(given);
    serves("db", "web");
    servesThePort();
    host.containers().disconnect("web", "b");
    host.reopen();
    assertThat(networks("web")).containsExactly("a");
    assertThat(hostInterfaces()).isEqualTo(2);
    servesThePort();
    connect("web", "b");
    host.containers().stop("web", null, true);
    host.containers().start("web");
    assertThat(networks("web")).containsExactly("a", "b");
    servesThePort();
  }

  /** Whatever of the two records was written when the engine died; the kernel had it. */
  @Test
  void anEngineThatDiedWhileItConnectedHasNotConnected() throws Exception {
    for (boolean runIsWritten : new boolean[] {false, true}) {
      String web = host.start(host.spec("web").sh(SERVER).on("b", PORT));
      host.start(host.spec("db").sh("exec sleep 1000").on("a"));
      Path folder = host.container(web);
      String record = Files.readString(folder.resolve("container.json"));
      String run = Files.readString(folder.resolve("run.json"));
      connect("web", "a");
      String given = address("web", "a");
      host.shut();
      Files.writeString(folder.resolve("container.json"), record);
      if (!runIsWritten) {
        Files.writeString(folder.resolve("run.json"), run);
      }
      host.open();
      isOnBAlone(given);
    }
  }

  /** The kernel has not done it; the second record may be missing too. */
  @Test
  void anEngineThatDiedWhileItDisconnectedHasDisconnected() throws Exception {
    for (boolean runIsWritten : new boolean[] {false, true}) {
      TestSpec spec = host.spec("web").sh(SERVER).on("b", PORT);
      spec.networking =
          spec.networking.withEndpoints(
              List.of(EndpointSpec.of("b", List.of()), EndpointSpec.of("a", List.of())));
      String web = host.start(spec);
      host.start(host.spec("db").sh("exec sleep 1000").on("a"));
      Path folder = host.container(web);
      host.containers().disconnect("web", "a");
      String record = Files.readString(folder.resolve("container.json"));
      String run = Files.readString(folder.resolve("run.json"));
      connect("web", "a"); // as before the call: the default route is by it
      assertThat(route("web")).contains("dev eth1");
      String given = address("web", "a");
      host.shut();
      Files.writeString(folder.resolve("container.json"), record);
      if (runIsWritten) {
        Files.writeString(folder.resolve("run.json"), run);
      }
      host.open();
      isOnBAlone(given);
    }
  }

  private static void isOnBAlone(String given) throws IOException {
    assertThat(wanted("web")).containsExactly("b");
    assertThat(networks("web")).containsExactly("b");
    assertThat(host.exec("web", "ip -o link")).doesNotContain("eth1");
    assertThat(hostInterfaces()).isEqualTo(2);
    assertThat(route("web")).contains("dev eth0");
    servesThePort();
    host.start(host.spec("next").sh("exec sleep 1000").on("a"));
    assertThat(address("next", "a")).isEqualTo(given);
    host.reopen();
    assertThat(networks("web")).containsExactly("b");
    assertThat(networks("next")).containsExactly("a");
    List.of("web", "db", "next").forEach(each -> host.containers().remove(each, true, true));
  }

  @Test
  void modesWithoutAChoiceAreRefusedInDockersWords() {
    host.start(host.spec("none").sh("exec sleep 1000"));
    TestSpec joining = host.spec("joining").sh("exec sleep 1000");
    joining.networking = Networking.NONE.withMode("container:none");
    host.start(joining);
    TestSpec sharing = host.spec("sharing").sh("exec sleep 1000");
    sharing.networking = Networking.NONE.withMode("host");
    host.start(sharing);
    refused("none", "a", "container cannot be connected to multiple networks with one of the");
    for (String each : List.of("joining", "sharing")) {
      refused(each, "a", "container sharing network namespace with another container or host");
    }
    String web = host.create(host.spec("web").on("a"));
    refused("web", "none", "container cannot be connected to multiple networks with one of the");
    refused("web", "host", "cannot connect container to host network - container must be created");
    assertThatThrownBy(() -> connect("web", "nope"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("network nope not found");
    assertThatThrownBy(() -> host.containers().disconnect("web", "nope"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("network nope not found");
    assertThatThrownBy(() -> connect("nobody", "a"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("No such container: nobody");
    assertThat(host.view(web).state()).isEqualTo(State.CREATED);
  }

  private static void refused(String container, String network, String why) {
    assertThatThrownBy(() -> connect(container, network))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith(why);
  }
}
