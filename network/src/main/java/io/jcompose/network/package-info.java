/** Owns networks: addresses, bridge, veth, firewall, published ports, DNS. */
@NullMarked
package io.jcompose.network;

import org.jspecify.annotations.NullMarked;
