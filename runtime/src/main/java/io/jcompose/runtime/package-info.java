/**
 * Runs one task from a bundle: spec, cgroup, shim, exec, logs, exit status. Enter at {@link
 * io.jcompose.runtime.TaskRuntime}.
 */
@NullMarked
package io.jcompose.runtime;

import org.jspecify.annotations.NullMarked;
