package io.jcompose.network.driver;

import io.jcompose.core.JcomposeException;

/** How a network's containers are reached from outside, for one family (Docker's gateway modes). */
public enum GatewayMode {
  /** Behind the host's address; only published ports are reached. */
  NAT("nat"),

  /** As NAT, and every port is reached at the container's address. */
  NAT_UNPROTECTED("nat-unprotected"),

  /** By the container's address, with published ports only, and nothing is translated. */
  ROUTED("routed"),

  /** The bridge has no address, so not even the host is reached; internal networks only. */
  ISOLATED("isolated");

  private final String word;

  GatewayMode(String word) {
    this.word = word;
  }

  static GatewayMode parse(String option, String word) {
    for (GatewayMode mode : values()) {
      if (mode.word.equals(word)) {
        return mode;
      }
    }
    throw new JcomposeException.InvalidArgument(
        "invalid value of "
            + option
            + ": "
            + word
            + "; it is nat, nat-unprotected, routed or isolated");
  }

  public boolean isNat() {
    return this == NAT || this == NAT_UNPROTECTED;
  }
}
