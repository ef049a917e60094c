/**
 * Certificates of the registry: a person's own, or made here; {@link
 * io.jcompose.registry.tls.OwnAuthority} makes them.
 */
@NullMarked
package io.jcompose.registry.tls;

import org.jspecify.annotations.NullMarked;
