package io.jcompose.network.port;

/** A published port that is relayed. Owned by the relays' thread. */
interface RelayedPort {
  /** Closes its socket and what goes through it; the thread only, or after its end. */
  void close();
}
