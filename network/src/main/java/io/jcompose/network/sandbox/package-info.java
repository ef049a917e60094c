/**
 * Containers' network namespaces and all that they have there; {@link
 * io.jcompose.network.sandbox.Sandboxes} is the entry. The top room: it knows every other one.
 */
@NullMarked
package io.jcompose.network.sandbox;

import org.jspecify.annotations.NullMarked;
