package io.jcompose.network.port;

import io.jcompose.core.sync.FairShare;
import io.jcompose.network.thread.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What all relayed ports share: one thread, one buffer, and one budget of descriptors and of bytes,
 * so that no number of clients costs more than that; of either, one container gets no more than it
 * leaves to others. Owned by the relays.
 */
final class RelayLoop implements AutoCloseable {
  /** The longest packet of UDP, and one more. */
  private static final int BUFFER_BYTES = 64 * 1024;

  private static final long RETRY_MILLIS = 1000;
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);

  final EventLoop loop = new EventLoop("jcompose-relay");
  final FairShare descriptors;
  final FairShare bytes;

  /** Owned by the loop's thread, as all below. */
  final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** Connections with bytes that are not taken, the longest first. */
  private final Set<Side> parked = new LinkedHashSet<>();

  /** Those that may not read until bytes are given back. */
  private final List<Side> waiting = new ArrayList<>();

  private final Predicate<InetAddress> shutOut;
  private boolean retries;

  /**
   * @param shutOut clients that are not served, whatever they ask for
   * @param descriptors of all connections and clients together
   * @param bytes what was read and is not taken yet, of all connections
   */
  RelayLoop(Predicate<InetAddress> shutOut, long descriptors, long bytes) {
    this.shutOut = shutOut;
    this.descriptors = new FairShare(descriptors);
    this.bytes = new FairShare(bytes);
  }

  boolean serves(SocketAddress client) {
    return !(client instanceof InetSocketAddress from) || !shutOut.test(from.getAddress());
  }

  /** A side has bytes that it cannot send yet. */
  void park(Side side) {
    parked.add(side);
  }

  /** A side has sent what was parked, or is closed. */
  void unpark(Side side) {
    parked.remove(side);
    resume();
  }

  /** Lets a side read again when bytes are given back. */
  void await(Side side) {
    waiting.add(side);
    if (!retries) {
      retries = true;
      loop.after(RETRY_MILLIS, this::retry);
    }
  }

  private void retry() {
    retries = false;
    dropStuck();
    resume();
  }

  /** What others wait for is not kept for one that has taken nothing for a minute. */
  private void dropStuck() {
    long now = System.nanoTime();
    for (Side side : List.copyOf(parked)) {
      if (now - side.parkedSince() < STUCK_NANOS) {
        return;
      }
      if (waiting.stream().anyMatch(each -> each.owner().equals(side.owner()))) {
        side.drop();
      }
    }
  }

  private void resume() {
    if (!waiting.isEmpty()) {
      List<Side> all = List.copyOf(waiting);
      waiting.clear();
      all.forEach(Side::resume);
    }
  }

  @Override
  public void close() {
    loop.close();
  }

  /** One side of a relayed connection; the thread only. */
  interface Side {
    /** Whose budget it uses. */
    String owner();

    /** Since when it has not taken what is parked, by {@link System#nanoTime}. */
    long parkedSince();

    /** Reads again. */
    void resume();

    /** Ends its connection. */
    void drop();
  }
}
