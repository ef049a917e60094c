/**
 * Unpacks layers where they cannot escape; the entry is {@link
 * io.jcompose.images.layer.LayerUnpacker}.
 */
@NullMarked
package io.jcompose.images.layer;

import org.jspecify.annotations.NullMarked;
