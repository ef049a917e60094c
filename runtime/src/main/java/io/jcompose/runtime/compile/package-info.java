/**
 * Makes a task's specification its plan, or says why this machine cannot. Enter at TaskCompiler;
 * uses plan, user, security, device and cgroup.
 */
@NullMarked
package io.jcompose.runtime.compile;

import org.jspecify.annotations.NullMarked;
