package io.jcompose.network;

import io.jcompose.core.Networks;

/**
 * The networks of one engine on one host: bridges, addresses, firewall, published ports and names.
 * Opened once by the engine, closed when it ends; closing leaves what runs alone.
 *
 * <p>After a start the engine adopts each container that still runs, then calls {@link
 * #finishAdoption}. Methods block; callers run on virtual threads.
 */
@SuppressWarnings("DoNotCallSuggester") // until the parts below are in
public final class NetworkStack implements AutoCloseable {
  private NetworkStack() {}

  /**
   * Loads the networks and makes the host match: the firewall table, forwarding, bridges that a
   * reboot took. Rules of published ports stay until {@link #finishAdoption}.
   */
  public static NetworkStack open(NetworkConfig config) {
    throw new UnsupportedOperationException(config.toString());
  }

  /** The port for the upper layers. */
  public Networks networks() {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes a namespace with its endpoints, ports and names; on failure nothing of it is left.
   *
   * @throws io.jcompose.core.JcomposeException.Conflict when a port or address is taken
   * @throws io.jcompose.core.JcomposeException.NotFound {@code network x not found}
   */
  public Sandbox open(SandboxRequest request) {
    throw new UnsupportedOperationException(request.toString());
  }

  /**
   * Takes over the sandbox of a task that runs since before this engine's start.
   *
   * @param pid a process in the namespace
   */
  public Sandbox adopt(SandboxRecord record, long pid) {
    throw new UnsupportedOperationException(record.toString() + pid);
  }

  /**
   * Removes interfaces and rules that no adopted sandbox claims. Call once, after the last
   * adoption.
   */
  public void finishAdoption() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
