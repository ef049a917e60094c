/**
 * The registry that an engine serves of its own images: {@link io.jcompose.registry.Registry}
 * starts and stops it.
 */
@NullMarked
package io.jcompose.registry;

import org.jspecify.annotations.NullMarked;
