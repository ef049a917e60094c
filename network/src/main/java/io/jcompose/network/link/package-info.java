/**
 * The host's interfaces by rtnetlink; {@link io.jcompose.network.link.HostLinks} is the entry.
 * Knows addresses only.
 */
@NullMarked
package io.jcompose.network.link;

import org.jspecify.annotations.NullMarked;
