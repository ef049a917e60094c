/**
 * Carries plans out: {@link io.jcompose.scheduler.execute.Executor} runs the steps that are ready,
 * each on a thread of its own, through {@link io.jcompose.scheduler.execute.Operations} and the
 * engine's ports. Uses {@code desired}, {@code plan} and {@code queue}.
 */
@NullMarked
package io.jcompose.scheduler.execute;

import org.jspecify.annotations.NullMarked;
