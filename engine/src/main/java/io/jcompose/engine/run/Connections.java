package io.jcompose.engine.run;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects containers to networks and disconnects them, whether they run or not; each call in the
 * container's turn. A crash at any point leaves a run that is on no network less than the
 * specification: what it is on more is taken back by the next engine.
 */
public record Connections(EngineConfig config, ContainerStore store, Networks networks) {
  /** A network by its name or id. */
  Optional<NetworkView> network(String ref) {
    return networks.find(ref);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  void connect(Container container, EndpointSpec asked) {
    ContainerRecord before = store.get(container.id()).record();
    requireChoice(before);
    requireShared(asked.network());
    NetworkView network =
        networks.find(asked.network()).orElseThrow(() -> unknown(asked.network()));
    EndpointSpec endpoint = asked.withNetwork(network.name());
    Run run = container.run();
    ContainerRecord next =
        with(before, joined(before, network, endpoint, /* again= */ run == null));
    NetworkStack.checkNames(
        next.spec().networking(),
        next.spec().process().hostname(),
        next.spec().process().domainname());
    if (run == null) {
      store.save(next);
      container.update(next);
    } else {
      join(container, sandbox(before, run), endpoint, network.id(), next);
    }
  }

  /**
   * @param again an endpoint there is replaced; else it is a conflict
   */
  private static List<EndpointSpec> joined(
      ContainerRecord before, NetworkView network, EndpointSpec endpoint, boolean again) {
    List<EndpointSpec> all = new ArrayList<>(endpoints(before));
    Optional<EndpointSpec> there = find(before, network.name(), network.id());
    if (there.isEmpty()) {
      all.add(endpoint);
    } else if (again) {
      all.set(all.indexOf(there.get()), endpoint);
    } else {
      throw new JcomposeException.Conflict(
          "endpoint with name "
              + before.spec().name()
              + " already exists in network "
              + network.name());
    }
    return all;
  }

  private void join(
      Container container,
      Sandbox sandbox,
      EndpointSpec endpoint,
      String networkId,
      ContainerRecord next) {
    List<EndpointView> former = sandbox.endpoints();
    sandbox.join(endpoint);
    try {
      ContainerRecord whole = with(next, sandbox.record());
      store.saveRun(whole);
      store.save(whole);
      container.update(whole);
      hosts(container).change(whole, former, sandbox.endpoints());
    } catch (RuntimeException e) {
      sandbox.leave(networkId, record -> {});
      container.update(with(container.record(), sandbox.record()));
      tidy(container, () -> store.saveRun(container.record()));
      throw e;
    }
  }

  void disconnect(Container container, String ref) {
    ContainerRecord before = store.get(container.id()).record();
    Optional<NetworkView> network = networks.find(ref);
    String name = network.map(NetworkView::name).orElse(ref);
    String id = network.map(NetworkView::id).orElse(ref);
    Optional<EndpointSpec> endpoint = find(before, name, id);
    if (endpoint.isEmpty()) {
      throw network.isEmpty()
          ? unknown(ref)
          : new JcomposeException.Conflict(
              "container "
                  + container.id()
                  + " is not connected to "
                  + (container.run() == null ? "the network " : "network ") // as dockerd has it
                  + name);
    }
    List<EndpointSpec> rest = new ArrayList<>(endpoints(before));
    rest.remove(endpoint.get());
    ContainerRecord next = with(before, rest);
    Run run = container.run();
    Sandbox sandbox = run == null ? null : sandbox(before, run);
    if (sandbox == null || sandbox.endpoints().stream().noneMatch(e -> e.networkId().equals(id))) {
      store.save(next);
      container.update(next);
    } else {
      List<EndpointView> former = sandbox.endpoints();
      sandbox.leave(id, record -> write(before, with(next, record)));
      hosts(container).change(next, former, sandbox.endpoints());
      container.update(with(next, sandbox.record()));
      tidy(container, () -> store.saveRun(container.record()));
    }
  }

  /** First the specification: what the run has more is taken back, and what it has less is not. */
  private void write(ContainerRecord before, ContainerRecord next) {
    store.save(next);
    try {
      store.saveRun(next);
    } catch (RuntimeException e) {
      store.save(before);
      throw e;
    }
  }

  private HostsFile hosts(Container container) {
    return new HostsFile(config.container(container.id()).resolve("hosts"));
  }

  private static void tidy(Container container, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.warn("the record of container {} is left as it was", container.id(), e);
    }
  }

  /** In dockerd's words. */
  private static void requireChoice(ContainerRecord record) {
    String mode = record.spec().networking().mode();
    if (mode.equals("none")) {
      throw privateOnly();
    }
    if (!mode.equals("networks")) {
      throw new JcomposeException.InvalidArgument(
          "container sharing network namespace with another container or host cannot be connected"
              + " to any other network");
    }
  }

  private static void requireShared(String network) {
    if (network.equals("none")) {
      throw privateOnly();
    }
    if (network.equals("host")) {
      throw new JcomposeException.InvalidArgument(
          "cannot connect container to host network - container must be created in host network"
              + " mode");
    }
  }

  private static JcomposeException privateOnly() {
    return new JcomposeException.InvalidArgument(
        "container cannot be connected to multiple networks with one of the networks in private"
            + " (none) mode");
  }

  private static JcomposeException unknown(String network) {
    return new JcomposeException.NotFound("network " + network + " not found");
  }

  private static Sandbox sandbox(ContainerRecord record, Run run) {
    Sandbox sandbox = run.sandbox();
    if (sandbox == null) {
      throw new JcomposeException.Unavailable(
          "container "
              + record.spec().name()
              + " runs without its network, which could not be taken over; restart the container");
    }
    return sandbox;
  }

  private static List<EndpointSpec> endpoints(ContainerRecord record) {
    return record.spec().networking().endpoints();
  }

  /** A specification has a network by either. */
  private static Optional<EndpointSpec> find(ContainerRecord record, String name, String id) {
    return endpoints(record).stream()
        .filter(each -> each.network().equals(name) || each.network().equals(id))
        .findFirst();
  }

  private static ContainerRecord with(ContainerRecord record, List<EndpointSpec> endpoints) {
    Networking networking = record.spec().networking().withEndpoints(endpoints);
    return record.withSpec(record.spec().withNetworking(networking));
  }

  private static ContainerRecord with(ContainerRecord record, SandboxRecord network) {
    return record.withRun(record.run().withSandbox(network));
  }
}
