/**
 * {@code /images} and {@code /build} of Docker's API; the way begins at {@link
 * io.jcompose.api.docker.image.ImageRoutes}.
 */
@NullMarked
package io.jcompose.api.docker.image;

import org.jspecify.annotations.NullMarked;
