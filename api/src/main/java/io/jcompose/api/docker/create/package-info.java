/**
 * What a client of Docker's API asks to be made, in the engine's words; the entry is {@link
 * io.jcompose.api.docker.create.SpecRequest}.
 */
@NullMarked
package io.jcompose.api.docker.create;

import org.jspecify.annotations.NullMarked;
