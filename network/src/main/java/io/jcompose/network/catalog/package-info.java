/**
 * The networks that there are, with their records on disk; {@link
 * io.jcompose.network.catalog.EngineNetworks} is the entry. Stands on drivers, ipam, the firewall
 * and name tables.
 */
@NullMarked
package io.jcompose.network.catalog;

import org.jspecify.annotations.NullMarked;
