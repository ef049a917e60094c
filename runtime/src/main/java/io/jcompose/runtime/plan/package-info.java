/**
 * What a shim has to do: the steps of a task's start, and the words of the kernel that they need.
 * Enter at TaskPlan; knows no other room.
 */
@NullMarked
package io.jcompose.runtime.plan;

import org.jspecify.annotations.NullMarked;
