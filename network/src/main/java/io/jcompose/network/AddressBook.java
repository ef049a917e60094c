package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import java.util.HashSet;
import java.util.Set;

/**
 * The addresses of one network: which are taken. Gives the lowest free one, as Docker does.
 * Thread-safe.
 */
final class AddressBook {
  private final Subnet subnet;
  private final Subnet range;
  private final String network;
  private final Set<Integer> taken = new HashSet<>();

  /** All below are taken; unsigned order. */
  private int lowest;

  /**
   * @param range where chosen addresses come from, inside the subnet
   * @param reserved never given: gateway and auxiliary addresses
   * @param network name and id, for messages
   */
  AddressBook(Subnet subnet, Subnet range, Set<Integer> reserved, String network) {
    this.subnet = subnet;
    this.range = range;
    this.network = network;
    this.lowest = range.base();
    taken.addAll(reserved);
    if (subnet.prefix() < 31) {
      taken.add(subnet.base());
      taken.add(subnet.last());
    }
  }

  /** Takes the lowest free address. */
  synchronized int take() {
    int address = lowest;
    while (taken.contains(address)) {
      if (address == range.last()) {
        throw new JcomposeException.Unavailable(
            "no available IPv4 addresses on this network's address pools: " + network);
      }
      address++;
    }
    taken.add(address);
    lowest = address;
    return address;
  }

  /** Takes a fixed address. */
  synchronized void take(int address) {
    if (!subnet.contains(address)) {
      throw new JcomposeException.InvalidArgument(
          "no configured subnet or ip-range contain the IP address " + Ip4.format(address));
    }
    if (!taken.add(address)) {
      throw new JcomposeException.Conflict(
          "Address already in use: " + Ip4.format(address) + " on network " + network);
    }
  }

  synchronized void release(int address) {
    taken.remove(address);
    if (range.contains(address) && Integer.compareUnsigned(address, lowest) < 0) {
      lowest = address;
    }
  }
}
