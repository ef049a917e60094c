package io.jcompose.network.dns;

import io.jcompose.network.address.Ip6;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of one network and the containers on it by address. Readers never wait; an entry's list
 * is never changed, only replaced.
 */
public final class NameTable {
  private final Map<String, List<Member>> members = new ConcurrentHashMap<>();
  private final Map<Integer, Member> byIpv4 = new ConcurrentHashMap<>();
  private final Map<Ip6, Member> byIpv6 = new ConcurrentHashMap<>();
  private final String network;

  /**
   * @param network its name, which is also a suffix of the others
   */
  public NameTable(String network) {
    this.network = network;
  }

  String network() {
    return network;
  }

  public void add(Member member) {
    byIpv4.put(member.ipv4, member);
    if (member.ipv6 != null) {
      byIpv6.put(member.ipv6, member);
    }
    for (String name : member.names) {
      members.merge(lower(name), List.of(member), NameTable::union);
    }
  }

  public void remove(Member member) {
    byIpv4.remove(member.ipv4, member);
    if (member.ipv6 != null) {
      byIpv6.remove(member.ipv6, member);
    }
    for (String name : member.names) {
      members.computeIfPresent(lower(name), (key, value) -> without(value, member));
    }
  }

  /** The containers with a lower-case name; empty when nobody has it. */
  List<Member> find(String name) {
    return members.getOrDefault(name, List.of());
  }

  /** The first name of the container with an address. */
  Optional<String> nameOf(int address) {
    return Optional.ofNullable(byIpv4.get(address)).map(member -> member.names.getFirst());
  }

  Optional<String> nameOf(Ip6 address) {
    return Optional.ofNullable(byIpv6.get(address)).map(member -> member.names.getFirst());
  }

  public static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static List<Member> union(List<Member> old, List<Member> added) {
    List<Member> all = new ArrayList<>(old);
    all.removeAll(added);
    all.addAll(added);
    return List.copyOf(all);
  }

  private static @Nullable List<Member> without(List<Member> old, Member member) {
    List<Member> rest = old.stream().filter(each -> !each.equals(member)).toList();
    return rest.isEmpty() ? null : rest;
  }

  /**
   * A container on the network. Two are the same when their addresses are.
   *
   * @param names the first one for reverse questions
   */
  public record Member(int ipv4, @Nullable Ip6 ipv6, List<String> names) {
    public Member {
      names = List.copyOf(names);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Member member && member.ipv4 == ipv4;
    }

    @Override
    public int hashCode() {
      return ipv4;
    }
  }
}
