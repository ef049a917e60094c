/**
 * The engine's table ({@link io.jcompose.network.firewall.Firewall} is the entry), its peace with
 * other programs' firewalls, and forwarding. Stands on nft, links and notices.
 */
@NullMarked
package io.jcompose.network.firewall;

import org.jspecify.annotations.NullMarked;
