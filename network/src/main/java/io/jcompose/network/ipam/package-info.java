/**
 * IP address management: {@link io.jcompose.network.ipam.Reservations} finds a new network its
 * subnet, {@link io.jcompose.network.ipam.AddressBook} gives a network's containers their
 * addresses. Stands on addresses and links.
 */
@NullMarked
package io.jcompose.network.ipam;

import org.jspecify.annotations.NullMarked;
