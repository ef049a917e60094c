/** The HTTP API over the engine's Unix socket. */
@NullMarked
package io.jcompose.api;

import org.jspecify.annotations.NullMarked;
