package io.jcompose.api.docker.create;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkSpec;

/** The network that all share, which is made when the first container wants it. */
public record DefaultBridge(Networks networks) {
  /** Sees to it that the network is there if it is this one. */
  public void provide(String network) {
    if (!network.equals(NetworkRequests.BRIDGE) || networks.find(network).isPresent()) {
      return;
    }
    try {
      String ignored = networks.create(NetworkSpec.predefinedBridge());
    } catch (JcomposeException.Conflict e) {
      // another one was faster
      if (networks.find(network).isEmpty()) {
        throw e;
      }
    }
  }
}
