package io.jcompose.network.dns;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;

/**
 * Where questions to name servers leave from. A socket belongs for good to the namespace of the
 * thread that makes it.
 */
public interface ChannelFactory {
  /** The host's network. */
  ChannelFactory HOST =
      new ChannelFactory() {
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
}
