package io.jcompose.network.thread;

import io.jcompose.network.notice.Notices;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the connections of one listening socket. When the process has no descriptor left, they
 * wait in the kernel's queue and it tries again every second: no event tells that one came free.
 */
public final class Acceptor implements EventLoop.Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
  private static final int AT_ONCE = 64;
  private static final long PAUSE_MILLIS = 1000;

  private final EventLoop loop;
  private final String what;
  private final Consumer<SocketChannel> accepted;
  private final Notices notices;
  private boolean paused;

  /**
   * @param what names the socket in a notice
   * @param accepted owns each connection
   */
  public Acceptor(EventLoop loop, String what, Notices notices, Consumer<SocketChannel> accepted) {
    this.loop = loop;
    this.what = what;
    this.notices = notices;
    this.accepted = accepted;
  }

  @Override
  public void ready(SelectionKey key) {
    // a bound on connections at once keeps one socket from starving the others
    for (int i = 0; i < AT_ONCE; i++) {
      try {
        SocketChannel client = ((ServerSocketChannel) key.channel()).accept();
        if (client == null) {
          return;
        }
        resumed();
        accepted.accept(client);
      } catch (ClosedChannelException e) {
        LOG.trace("{} was closed", what, e);
        return;
      } catch (IOException e) {
        pause(key, e);
        return;
      }
    }
  }

  private void pause(SelectionKey key, IOException reason) {
    paused = true;
    notices.raise(notice(), what + " accepts no connections at the moment: " + reason.getMessage());
    key.interestOps(0);
    loop.after(
        PAUSE_MILLIS,
        () -> {
          if (key.isValid()) {
            key.interestOps(SelectionKey.OP_ACCEPT);
          } else {
            resumed();
          }
        });
  }

  private void resumed() {
    if (paused) {
      paused = false;
      notices.clear(notice());
    }
  }

  private String notice() {
    return "accepting " + what;
  }
}
