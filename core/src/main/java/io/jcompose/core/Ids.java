package io.jcompose.core;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes the 64-hex-digit ids of containers, networks and execs. */
public final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /** A new random id of 64 lower-case hex digits. */
  public static String next() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The 12 digits that people see. */
  public static String brief(String id) {
    return id.length() > 12 ? id.substring(0, 12) : id;
  }
}
