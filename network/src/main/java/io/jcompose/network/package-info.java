/**
 * Owns networks: addresses, bridges, interfaces, firewall, published ports, names. {@link
 * io.jcompose.network.NetworkStack} is the entry; other modules see nothing of the rooms below.
 *
 * <p>The rooms, each of which knows only those after it: sandbox, catalog, port, driver, ipam, dns,
 * firewall, link, nft, thread, notice, address.
 */
@NullMarked
package io.jcompose.network;

import org.jspecify.annotations.NullMarked;
