/**
 * Published ports of the host: {@link io.jcompose.network.port.PublishedPorts} says who has which,
 * {@link io.jcompose.network.port.Relays} carry what the firewall cannot. Knows neither networks
 * nor sandboxes.
 */
@NullMarked
package io.jcompose.network.port;

import org.jspecify.annotations.NullMarked;
