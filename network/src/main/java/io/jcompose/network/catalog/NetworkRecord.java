package io.jcompose.network.catalog;

import io.jcompose.core.Networks.NetworkSpec;
import java.time.Instant;

/**
 * What is kept of a network in {@code networks/<id>.json}.
 *
 * @param spec with its pool filled in
 * @param userSubnet the IPv4 subnet was asked for, so containers may ask for addresses
 * @param userSubnet6 the same of the IPv6 subnet
 * @param bridge interface name
 * @param createdAt ISO 8601
 */
public record NetworkRecord(
    String id,
    NetworkSpec spec,
    boolean userSubnet,
    boolean userSubnet6,
    String bridge,
    String createdAt) {
  Instant created() {
    return Instant.parse(createdAt);
  }
}
