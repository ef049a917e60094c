/**
 * Talks to shims: connections, their frames, sessions of a program's streams, the wait for the end,
 * the launcher. Enter at ShimConnection; uses plan.
 */
@NullMarked
package io.jcompose.runtime.shim;

import org.jspecify.annotations.NullMarked;
