package io.jcompose.network.ipam;

import io.jcompose.core.JcomposeException;
import io.jcompose.network.address.AddressRange;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one family of one network: which are taken. Gives the lowest free one, as Docker
 * does. Thread-safe.
 *
 * @param <A> an address
 */
public final class AddressBook<A> {
  private final AddressRange<A> subnet;
  private final AddressRange<A> range;
  private final String network;
  private final Set<A> taken = new HashSet<>();

  /** All below are taken. */
  private A lowest;

  /**
   * @param range where chosen addresses come from, inside the subnet
   * @param reserved never given: gateway and auxiliary addresses
   * @param network name and id, for messages
   */
  public AddressBook(
      AddressRange<A> subnet, AddressRange<A> range, Collection<A> reserved, String network) {
    this.subnet = subnet;
    this.range = range;
    this.network = network;
    this.lowest = range.lowest();
    taken.addAll(reserved);
    taken.addAll(subnet.unusable());
  }

  /** Takes the lowest free address. */
  public A take() {
    return take(Set.of());
  }

  /**
   * Takes the lowest free address.
   *
   * @param wanted by others, who are not there yet: given only when no other one is left
   */
  public synchronized A take(Set<A> wanted) {
    @Nullable A free = null;
    @Nullable A address = lowest;
    while (taken.contains(address) || wanted.contains(address)) {
      if (free == null && !taken.contains(address)) {
        free = address;
      }
      if (address.equals(range.highest())) {
        address = free;
        break;
      }
      address = range.after(address);
    }
    if (address == null) {
      throw new JcomposeException.Unavailable(
          "no available "
              + subnet.family()
              + " addresses on this network's address pools: "
              + network);
    }
    taken.add(address);
    lowest = free == null ? address : free;
    return address;
  }

  /** Takes a fixed address. */
  public synchronized void take(A address) {
    if (!subnet.holds(address)) {
      throw new JcomposeException.InvalidArgument(
          "no configured subnet or ip-range contain the IP address " + subnet.format(address));
    }
    if (!taken.add(address)) {
      throw new JcomposeException.Conflict(
          "Address already in use: " + subnet.format(address) + " on network " + network);
    }
  }

  public synchronized void release(A address) {
    taken.remove(address);
    if (range.holds(address) && range.isBefore(address, lowest)) {
      lowest = address;
    }
  }
}
