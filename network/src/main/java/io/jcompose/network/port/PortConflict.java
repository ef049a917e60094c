package io.jcompose.network.port;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import java.net.BindException;
import java.net.InetSocketAddress;

/** Says who has a host port that is wanted, in Docker's words and more. */
final class PortConflict {
  private PortConflict() {}

  /** A container of this engine has it. */
  static JcomposeException.Conflict own(String address, int hostPort, String owner) {
    return new JcomposeException.Conflict(
        "Bind for "
            + endpoint(address, hostPort)
            + " failed: port is already allocated (by container "
            + owner
            + ")");
  }

  /** The kernel refused it, for another program's sake or because the address is not the host's. */
  static JcomposeException.Conflict foreign(
      String address, int hostPort, PortSocket.Destination to, PortSpec port, BindException e) {
    InetSocketAddress target = to.address();
    String what =
        "failed to bind host port for "
            + endpoint(address, hostPort)
            + ":"
            + endpoint(target.getAddress().getHostAddress(), target.getPort())
            + "/"
            + port.protocol();
    String message = String.valueOf(e.getMessage());
    if (message.contains("assign")) {
      return new JcomposeException.Conflict(
          what + ": cannot assign requested address: no interface of this host has it");
    }
    String holder = PortHolder.describe(port.protocol(), hostPort);
    return new JcomposeException.Conflict(
        what + ": address already in use" + (holder.isEmpty() ? "" : " (by " + holder + ")"));
  }

  private static String endpoint(String address, int port) {
    return (address.indexOf(':') >= 0 && address.length() > 2 ? "[" + address + "]" : address)
        + ":"
        + port;
  }
}
