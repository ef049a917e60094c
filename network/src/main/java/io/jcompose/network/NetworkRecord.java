package io.jcompose.network;

import io.jcompose.core.Networks.NetworkSpec;
import java.time.Instant;

/**
 * What is kept of a network in {@code networks/<id>.json}.
 *
 * @param spec with its pool filled in
 * @param userSubnet the subnet was asked for, so containers may ask for addresses
 * @param bridge interface name
 * @param dnsPort where the name server listens on the gateway
 * @param createdAt ISO 8601
 */
record NetworkRecord(
    String id, NetworkSpec spec, boolean userSubnet, String bridge, int dnsPort, String createdAt) {
  Instant created() {
    return Instant.parse(createdAt);
  }
}
