package io.jcompose.network;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.PortBinding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A container's network namespace with its endpoints, published ports and names. Opened by {@link
 * NetworkStack}, owned and closed by the engine. Immutable but for {@link #close}.
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
