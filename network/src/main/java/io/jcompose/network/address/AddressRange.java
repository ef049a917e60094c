package io.jcompose.network.address;

import java.util.List;

/**
 * A range of addresses of one family.
 *
 * @param <A> an address
 */
public interface AddressRange<A> {
  A lowest();

  A highest();

  int prefix();

  boolean holds(A address);

  /** The two have addresses in common. */
  default boolean meets(AddressRange<A> other) {
    return holds(other.lowest()) || other.holds(lowest());
  }

  /** The one after; never called with {@link #highest}. */
  A after(A address);

  boolean isBefore(A one, A other);

  /** Addresses that no host may have. */
  List<A> unusable();

  String format(A address);

  /** IPv4 or IPv6. */
  String family();
}
