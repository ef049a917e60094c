/**
 * Commands of the whole host: images, networks, volumes, disk use, prune, logins, the engine
 * itself; the entry is {@link io.jcompose.api.host.HostEndpoints}.
 */
@NullMarked
package io.jcompose.api.host;

import org.jspecify.annotations.NullMarked;
