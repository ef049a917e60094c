package io.jcompose.network;

import io.jcompose.core.Ids;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Networks.NetworkSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An engine's network stack that makes and removes networks and sandboxes until it is killed.
 * Arguments: the folder of the state, the file of the resolvers.
 */
final class Churn {
  private Churn() {}

  /** Says {@code ready} and goes on for ever. */
  public static void main(String[] arguments) {
    NetworkStack stack = NetworkStack.open(config(Path.of(arguments[0]), Path.of(arguments[1])));
    for (int round = 0; true; round++) {
      String name = "churn" + round;
      stack.networks().create(NetworkSpec.of(name).withIpv6(round % 2 == 0));
      Networking networking =
          Networking.NONE
              .with()
              .mode("networks")
              .endpoints(List.of(EndpointSpec.of(name, List.of("web"))))
              .ports(List.of(new PortSpec("", 18_080, 18_090, 80, "tcp")))
              .build();
      SandboxRequest request =
          new SandboxRequest(Ids.next(), "web", List.of(), "", "", null, networking);
      Sandbox first = stack.open(request);
      Sandbox second =
          stack.open(new SandboxRequest(Ids.next(), "app", List.of(), "", "", null, networking));
      first.close();
      second.close();
      stack.networks().remove(name);
      if (round == 0) {
        System.out.println("ready");
      }
    }
  }

  static NetworkConfig config(Path state, Path resolvConf) {
    return new NetworkConfig(
        state,
        "it",
        AddressPool.DEFAULTS,
        List.of("0.0.0.0", "::"),
        resolvConf,
        Path.of("/etc/hosts"),
        false,
        Map.of());
  }
}
