package io.jcompose.network;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Networking.EndpointSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A container's network namespace with its endpoints, published ports and names. Opened by {@link
 * NetworkStack}, owned and closed by the engine, which lets one thread at a time change it: {@link
 * #join}, {@link #leave} and {@link #close}. Every thread may read it.
 */
public interface Sandbox extends AutoCloseable {
  /**
   * The namespace's file descriptor in this process, close-on-exec, valid until {@link #close}; -1
   * for the host's network.
   */
  int netnsFd();

  /** {@code /proc/<engine pid>/fd/<n>}: the namespace for another process; empty for the host's. */
  String netnsPath();

  /** In the order of their interfaces; empty for modes none and host. */
  List<EndpointView> endpoints();

  /** As asked for, one a host address, with the host ports they got. */
  List<PortBinding> ports();

  /** Content of /etc/resolv.conf. */
  byte[] resolvConf();

  /** Content of /etc/hosts; on the host's network a copy of the host's, which may be large. */
  FileContent hosts();

  /** For {@link NetworkStack#adopt}. */
  SandboxRecord record();

  /**
   * Puts the container on one more network; on failure all is as before. The default routes, and
   * with them the published ports, go by the endpoint that would have them after a start.
   *
   * @throws io.jcompose.core.JcomposeException.NotFound {@code network x not found}
   * @throws io.jcompose.core.JcomposeException.Conflict when it is there already, or an address or
   *     port is taken
   * @throws io.jcompose.core.JcomposeException.InvalidArgument for a sandbox without a choice of
   *     networks
   */
  void join(EndpointSpec endpoint);

  /**
   * Takes the container off a network; nothing happens when it is not on it. What fails of that is
   * logged.
   *
   * @param first gets the record as it will be, for writing it down before anything changes: an
   *     engine that adopts by it finds what is to go. If it fails, all stays
   */
  void leave(String networkId, Consumer<SandboxRecord> first);

  /**
   * Takes names, ports and addresses back and cuts the container off; the namespace goes with its
   * last process. Closing twice is harmless.
   */
  @Override
  void close();

  /** What a file is to hold. */
  interface FileContent {
    void writeTo(Path file) throws IOException;
  }
}
