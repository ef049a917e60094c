package io.jcompose.network;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of one network and the containers on it by address. Readers never wait; an entry's
 * array is never changed, only replaced.
 */
final class NameTable {
  private final Map<String, int[]> addresses = new ConcurrentHashMap<>();
  private final Map<Integer, String> names = new ConcurrentHashMap<>();
  private final Map<Integer, Asker> askers = new ConcurrentHashMap<>();

  /**
   * Registers a container.
   *
   * @param own its names, the first one for reverse queries
   */
  void add(int address, List<String> own, Asker asker) {
    names.put(address, own.getFirst());
    askers.put(address, asker);
    for (String name : own) {
      addresses.merge(lower(name), new int[] {address}, NameTable::union);
    }
  }

  void remove(int address, List<String> own) {
    names.remove(address);
    askers.remove(address);
    for (String name : own) {
      addresses.computeIfPresent(lower(name), (key, value) -> without(value, address));
    }
  }

  /** The addresses of a lower-case name, or null when nobody has it. Do not change the result. */
  int @Nullable [] find(String name) {
    return addresses.get(name);
  }

  Optional<String> nameOf(int address) {
    return Optional.ofNullable(names.get(address));
  }

  /** The container that asks from an address. */
  @Nullable Asker asker(int address) {
    return askers.get(address);
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static int[] union(int[] old, int[] added) {
    int[] all = Arrays.copyOf(old, old.length + 1);
    for (int address : old) {
      if (address == added[0]) {
        return old;
      }
    }
    all[old.length] = added[0];
    return all;
  }

  private static int @Nullable [] without(int[] old, int address) {
    int[] rest = Arrays.stream(old).filter(each -> each != address).toArray();
    return rest.length == 0 ? null : rest;
  }

  /**
   * Whose question it is: the networks it may know about, in the order of its gateways' priority,
   * and its own name servers.
   */
  record Asker(List<Network> networks, List<String> dns) {
    Asker {
      networks = List.copyOf(networks);
      dns = List.copyOf(dns);
    }

    /** True when it has no way out. */
    boolean isInternal() {
      return networks.stream().allMatch(Network::isInternal);
    }
  }
}
