/**
 * {@code /containers} and {@code /exec} of Docker's API, a class for each kind of call; the way
 * begins at {@link io.jcompose.api.docker.container.ContainerRoutes}.
 */
@NullMarked
package io.jcompose.api.docker.container;

import org.jspecify.annotations.NullMarked;
