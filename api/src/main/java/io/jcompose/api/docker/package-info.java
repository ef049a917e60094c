/**
 * Docker's Engine API over the engine's ports, for the {@code docker} command line and its like;
 * the entry is {@link io.jcompose.api.docker.DockerApi}.
 */
@NullMarked
package io.jcompose.api.docker;

import org.jspecify.annotations.NullMarked;
