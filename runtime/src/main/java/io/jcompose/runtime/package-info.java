/**
 * Runs one task from a bundle: spec, cgroup, shim, exec, logs, exit status. Enter at {@link
 * io.jcompose.runtime.TaskRuntime}. A start's way through the rooms: {@code compile} makes a {@code
 * plan} of the task, by {@code user}, {@code security}, {@code device} and {@code cgroup}; {@code
 * shim} hands it over; {@code task} is what then runs. For another OCI runtime {@code oci} stands
 * in between.
 */
@NullMarked
package io.jcompose.runtime;

import org.jspecify.annotations.NullMarked;
