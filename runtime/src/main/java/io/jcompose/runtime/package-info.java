/** Runs one task from a bundle: spec, cgroup, shim, exec, logs, exit status. */
@NullMarked
package io.jcompose.runtime;

import org.jspecify.annotations.NullMarked;
