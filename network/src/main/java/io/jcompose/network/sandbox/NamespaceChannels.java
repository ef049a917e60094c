package io.jcompose.network.sandbox;

import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.dns.ChannelFactory;
import io.jcompose.network.thread.KernelThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;

/**
 * Sockets of a container's network; fails when the container is gone.
 *
 * @param host where the threads are otherwise
 */
record NamespaceChannels(NetworkNamespace namespace, NetworkNamespace host, KernelThreads threads)
    implements ChannelFactory {
  @Override
  public DatagramChannel udp() throws IOException {
    return inside(HOST::udp);
  }

  @Override
  public SocketChannel tcp() throws IOException {
    return inside(HOST::tcp);
  }

  private <T> T inside(Opening<T> opening) throws IOException {
    try {
      return threads.call(() -> namespace.call(host, () -> opened(opening)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      throw new IOException("the container's network cannot be entered", e);
    }
  }

  private static <T> T opened(Opening<T> opening) {
    try {
      return opening.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a socket. */
  private interface Opening<T> {
    T open() throws IOException;
  }
}
