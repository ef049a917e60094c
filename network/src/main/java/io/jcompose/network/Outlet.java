package io.jcompose.network;

import io.jcompose.linux.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;

/**
 * Where questions to name servers leave from. A socket belongs for good to the namespace of the
 * thread that makes it.
 */
interface Outlet {
  /** The host's network. */
  Outlet HOST =
      new Outlet() {
        @Override
        public DatagramChannel udp() throws IOException {
          return DatagramChannel.open().bind(null);
        }

        @Override
        public SocketChannel tcp() throws IOException {
          return SocketChannel.open();
        }
      };

  /** Bound to a port of the kernel's choice. */
  DatagramChannel udp() throws IOException;

  /** Not yet connected. */
  SocketChannel tcp() throws IOException;

  /** A container's network; fails when the container is gone. */
  static Outlet of(NetworkNamespace namespace, Namespaces namespaces, KernelThreads threads) {
    return new Outlet() {
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
          return threads.call(() -> namespaces.inside(namespace, () -> opened(opening)));
        } catch (UncheckedIOException e) {
          throw e.getCause();
        } catch (RuntimeException e) {
          throw new IOException("the container's network cannot be entered", e);
        }
      }
    };
  }

  private static <T> T opened(Opening<T> opening) {
    try {
      return opening.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a socket. */
  interface Opening<T> {
    T open() throws IOException;
  }
}
