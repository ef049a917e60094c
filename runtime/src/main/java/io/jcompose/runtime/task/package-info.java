/**
 * A running task, as others see it: its processes, its counters, its programs, its end. Enter at
 * LiveTask; uses user, plan, cgroup, compile and shim.
 */
@NullMarked
package io.jcompose.runtime.task;

import org.jspecify.annotations.NullMarked;
