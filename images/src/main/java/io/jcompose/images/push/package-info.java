/** Brings images to registries; {@link io.jcompose.images.push.Pusher} begins it. */
@NullMarked
package io.jcompose.images.push;

import org.jspecify.annotations.NullMarked;
