/**
 * Carries plans out: {@link io.jcompose.scheduler.execute.Executor} runs what is ready, at once,
 * each operation through {@link io.jcompose.scheduler.execute.Operations} and the engine's ports.
 * Uses {@code desired}, {@code plan} and {@code queue}.
 */
@NullMarked
package io.jcompose.scheduler.execute;

import org.jspecify.annotations.NullMarked;
