package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.network.SandboxRecord;
import java.util.List;
import java.util.function.Consumer;

/** The networks that a container is on, with all that it holds there; changed in its turn. */
interface Membership {
  /** As it is now. */
  SandboxRecord record();

  /** In the order of their interfaces. */
  List<EndpointView> views();

  void join(EndpointSpec endpoint);

  void leave(String networkId, Consumer<SandboxRecord> first);

  /** Gives all back; called once. */
  void release();

  /** That of a container which is on no network and joins none. */
  record None(SandboxRecord record, Runnable end) implements Membership {
    @Override
    public List<EndpointView> views() {
      return List.of();
    }

    @Override
    public void join(EndpointSpec endpoint) {
      throw new JcomposeException.InvalidArgument(
          "container "
              + record.containerName()
              + " joins no network: its network mode is "
              + record.mode());
    }

    @Override
    public void leave(String networkId, Consumer<SandboxRecord> first) {}

    @Override
    public void release() {
      end.run();
    }
  }
}
