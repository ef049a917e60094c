/**
 * How an engine is reached: sockets, ssh, HTTP, frames, JSON. Entry: {@link
 * io.jcompose.cli.wire.Connection}.
 */
@NullMarked
package io.jcompose.cli.wire;

import org.jspecify.annotations.NullMarked;
