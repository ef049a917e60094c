/**
 * The name server inside of each container's namespace; {@link io.jcompose.network.dns.DnsServer}
 * is the entry, {@link io.jcompose.network.dns.NameTable} has the names of one network. Knows
 * neither networks nor sandboxes.
 */
@NullMarked
package io.jcompose.network.dns;

import org.jspecify.annotations.NullMarked;
