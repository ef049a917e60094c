package io.jcompose.api.docker.create;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.NetworkCreateRequest;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code POST /networks/create} asks for, in the engine's words. Stateless. */
public final class NetworkSpecs {
  private NetworkSpecs() {}

  /**
   * Translates.
   *
   * @throws Refusal in Docker's words for what a daemon without a swarm cannot make
   */
  public static NetworkSpec of(NetworkCreateRequest asked) {
    String name = Given.text(asked.name());
    String driver = Given.text(asked.driver());
    refuse(asked, driver);
    return new NetworkSpec(
        name,
        driver.equals("default") || driver.equals(NetworkRequests.BRIDGE) ? "" : driver,
        Given.pairs(asked.options()),
        Given.is(asked.internal()),
        Given.is(asked.attachable()),
        Given.is(asked.enableIpv6()),
        pools(asked.ipam()),
        Given.pairs(asked.labels()));
  }

  private static void refuse(NetworkCreateRequest asked, String driver) {
    if (Given.text(asked.name()).isBlank()) {
      throw new Refusal(400, "invalid name: name is empty");
    }
    if (driver.equals("overlay") || Given.text(asked.scope()).equals("swarm")) {
      throw new Refusal(
          403,
          "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
              + " connect this node to swarm and try again.");
    }
    if (Given.is(asked.ingress())) {
      throw Refusal.notYet("ingress networks");
    }
    if (Given.is(asked.configOnly())
        || (asked.configFrom() != null && !Given.text(asked.configFrom().network()).isEmpty())) {
      throw Refusal.notYet("networks that take their settings from another");
    }
    if (Boolean.FALSE.equals(asked.enableIpv4())) {
      throw Refusal.notYet("networks without IPv4");
    }
    if (!Set.of("", "default", NetworkRequests.BRIDGE, "macvlan", "host", "null", "none")
        .contains(driver)) {
      throw new Refusal(404, "plugin " + Refusal.shown(driver) + " not found");
    }
  }

  private static List<Pool> pools(NetworkCreateRequest.@Nullable Ipam ipam) {
    if (ipam == null) {
      return List.of();
    }
    String driver = Given.text(ipam.driver());
    if (!Set.of("", "default").contains(driver)) {
      throw new Refusal(404, "could not find IPAM driver " + driver);
    }
    if (!Given.pairs(ipam.options()).isEmpty()) {
      throw Refusal.notYet("options of an address driver");
    }
    List<Pool> pools = new ArrayList<>();
    for (NetworkCreateRequest.IpamConfig one : Given.all(ipam.config())) {
      String subnet = Given.text(one.subnet());
      if (!subnet.isEmpty() && !subnet.matches("[0-9a-fA-F:.]{1,50}/[0-9]{1,3}")) {
        throw new Refusal(
            400,
            "invalid network config:\ninvalid subnet " + subnet + ": invalid CIDR block notation");
      }
      Pool pool =
          new Pool(
              subnet,
              Given.text(one.gateway()),
              Given.text(one.ipRange()),
              Given.pairs(one.auxiliaryAddresses()));
      if (!pool.equals(new Pool("", "", "", Map.of()))) {
        pools.add(pool);
      }
    }
    return pools;
  }
}
