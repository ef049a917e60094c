/**
 * Calls of Docker's API: which is meant, what it asks for by Go's rules, and how it is refused; the
 * entry is {@link io.jcompose.api.docker.call.Call}.
 */
@NullMarked
package io.jcompose.api.docker.call;

import org.jspecify.annotations.NullMarked;
