package io.jcompose.network.address;

import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** An IPv6 range in CIDR form; the host part of {@code base} is zero. */
public record Subnet6(Ip6 base, int prefix) implements AddressRange<Ip6> {
  public Subnet6 {
    if (prefix < 0 || prefix > 128) {
      throw new JcomposeException.InvalidArgument("invalid prefix length " + prefix);
    }
    base = new Ip6(base.high() & high(prefix), base.low() & low(prefix));
  }

  /** Parses {@code x::/n}; bits beyond the prefix are cleared. */
  public static Subnet6 parse(String text) {
    int slash = text.indexOf('/');
    String length = text.substring(slash + 1);
    if (slash < 0 || !length.matches("\\d{1,3}") || Integer.parseInt(length) > 128) {
      throw new JcomposeException.InvalidArgument("invalid CIDR address: " + text);
    }
    return new Subnet6(Ip6.parse(text.substring(0, slash)), Integer.parseInt(length));
  }

  /**
   * The host's own /48 of local addresses (RFC 4193), as Docker makes it: {@code fd} and 40 bits of
   * a hash of the host's id.
   */
  public static Subnet6 local(String hostId) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(hostId.getBytes(StandardCharsets.UTF_8));
      byte[] address = new byte[16];
      address[0] = (byte) 0xfd;
      System.arraycopy(hash, hash.length - 5, address, 1, 5);
      return new Subnet6(Ip6.of(address), 48);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** One of the subnets of 64 bits inside a wider one. */
  public Subnet6 part64(long number) {
    return new Subnet6(new Ip6(base.high() + number, 0), 64);
  }

  public boolean overlaps(Subnet6 other) {
    return holds(other.base) || other.holds(base);
  }

  public boolean contains(Subnet6 other) {
    return other.prefix >= prefix && holds(other.base);
  }

  @Override
  public boolean holds(Ip6 address) {
    return (address.high() & high(prefix)) == base.high()
        && (address.low() & low(prefix)) == base.low();
  }

  @Override
  public Ip6 lowest() {
    return base;
  }

  @Override
  public Ip6 highest() {
    return new Ip6(base.high() | ~high(prefix), base.low() | ~low(prefix));
  }

  @Override
  public Ip6 after(Ip6 address) {
    return address.plus(1);
  }

  @Override
  public boolean isBefore(Ip6 one, Ip6 other) {
    return one.isBefore(other);
  }

  /** The subnet-router anycast address (RFC 4291 section 2.6.1). */
  @Override
  public List<Ip6> unusable() {
    return prefix < 127 ? List.of(base) : List.of();
  }

  @Override
  public String format(Ip6 address) {
    return address.toString();
  }

  @Override
  public String family() {
    return "IPv6";
  }

  @Override
  public String toString() {
    return base + "/" + prefix;
  }

  private static long high(int prefix) {
    return prefix >= 64 ? -1 : prefix == 0 ? 0 : -1L << (64 - prefix);
  }

  private static long low(int prefix) {
    return prefix <= 64 ? 0 : -1L << (128 - prefix);
  }
}
