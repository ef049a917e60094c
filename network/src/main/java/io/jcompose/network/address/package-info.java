/**
 * Addresses of both families and ranges of them, as values: {@link
 * io.jcompose.network.address.Ip4}, {@link io.jcompose.network.address.Subnet} and their IPv6
 * sisters. Knows no other room.
 */
@NullMarked
package io.jcompose.network.address;

import org.jspecify.annotations.NullMarked;
