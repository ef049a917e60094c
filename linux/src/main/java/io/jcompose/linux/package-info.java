/**
 * Typed, errno-checked kernel calls by jnr-ffi, and the host's accounts by jnr-posix: the engine's
 * only bridge to C; it knows no container. {@link io.jcompose.linux.Libc} loads a binding and turns
 * a failed call into a {@link io.jcompose.linux.KernelException}.
 */
@NullMarked
package io.jcompose.linux;

import org.jspecify.annotations.NullMarked;
