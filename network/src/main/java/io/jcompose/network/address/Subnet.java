package io.jcompose.network.address;

import io.jcompose.core.JcomposeException;
import java.util.List;

/**
 * An IPv4 range in CIDR form; the host part of {@code base} is zero.
 *
 * @param base first address as an unsigned 32-bit number in an int
 */
public record Subnet(int base, int prefix) implements AddressRange<Integer> {
  public Subnet {
    if (prefix < 0 || prefix > 32) {
      throw new JcomposeException.InvalidArgument("invalid prefix length " + prefix);
    }
    base &= mask(prefix);
  }

  /** Parses {@code a.b.c.d/n}; bits beyond the prefix are cleared. */
  public static Subnet parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new JcomposeException.InvalidArgument("invalid CIDR address: " + text);
    }
    String length = text.substring(slash + 1);
    if (!length.matches("\\d{1,2}") || Integer.parseInt(length) > 32) {
      throw new JcomposeException.InvalidArgument("invalid CIDR address: " + text);
    }
    return new Subnet(Ip4.parse(text.substring(0, slash)), Integer.parseInt(length));
  }

  public boolean contains(int address) {
    return (address & mask(prefix)) == base;
  }

  public boolean contains(Subnet other) {
    return other.prefix >= prefix && contains(other.base);
  }

  public boolean overlaps(Subnet other) {
    return contains(other) || other.contains(this);
  }

  /** The last address; the broadcast address of subnets wider than /31. */
  public int last() {
    return base | ~mask(prefix);
  }

  /** Number of addresses. */
  public long size() {
    return 1L << (32 - prefix);
  }

  @Override
  public Integer lowest() {
    return base;
  }

  @Override
  public Integer highest() {
    return last();
  }

  @Override
  public boolean holds(Integer address) {
    return contains(address);
  }

  @Override
  public Integer after(Integer address) {
    return address + 1;
  }

  @Override
  public boolean isBefore(Integer one, Integer other) {
    return Integer.compareUnsigned(one, other) < 0;
  }

  /** Network and broadcast address. */
  @Override
  public List<Integer> unusable() {
    return prefix < 31 ? List.of(base, last()) : List.of();
  }

  @Override
  public String format(Integer address) {
    return Ip4.format(address);
  }

  @Override
  public String family() {
    return "IPv4";
  }

  @Override
  public String toString() {
    return Ip4.format(base) + "/" + prefix;
  }

  private static int mask(int prefix) {
    return prefix == 0 ? 0 : -1 << (32 - prefix);
  }
}
