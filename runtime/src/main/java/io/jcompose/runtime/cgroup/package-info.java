/**
 * Control groups of both versions: where a task's lie, what is written to them at its start and
 * later. Enter at CgroupLayout; uses plan and device.
 */
@NullMarked
package io.jcompose.runtime.cgroup;

import org.jspecify.annotations.NullMarked;
