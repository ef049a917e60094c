package io.jcompose.network.dns;

import io.jcompose.network.thread.EventLoop;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;

/**
 * The UDP and the TCP socket that serve names inside a container's network namespace, which they
 * keep alive until they are closed.
 */
public record DnsSockets(DatagramChannel udp, ServerSocketChannel tcp, int udpPort, int tcpPort)
    implements AutoCloseable {
  /**
   * Not 53, which a name server in the container may want on all addresses; above the range of
   * ports that the kernel hands out, and always the same, so that rules from an earlier run of the
   * engine lead to it.
   */
  static final int PORT = 64_053;

  /**
   * Opens both in the network of the calling thread; where a program has the port, on another one.
   */
  static DnsSockets open(InetAddress local) throws IOException {
    DatagramChannel udp = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      int udpPort = bind(udp, local);
      ServerSocketChannel tcp = ServerSocketChannel.open(StandardProtocolFamily.INET);
      try {
        return new DnsSockets(udp, tcp, udpPort, bind(tcp, local));
      } catch (IOException e) {
        EventLoop.close(tcp);
        throw e;
      }
    } catch (IOException e) {
      EventLoop.close(udp);
      throw e;
    }
  }

  /** Both have the usual ports. */
  boolean isUsual() {
    return udpPort == PORT && tcpPort == PORT;
  }

  @Override
  public void close() {
    EventLoop.close(udp);
    EventLoop.close(tcp);
  }

  private static int bind(NetworkChannel channel, InetAddress local) throws IOException {
    try {
      channel.bind(new InetSocketAddress(local, PORT));
    } catch (BindException e) {
      channel.bind(new InetSocketAddress(local, 0));
    }
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }
}
