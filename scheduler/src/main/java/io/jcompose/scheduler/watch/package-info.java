/**
 * Listens to the engine's events: {@link io.jcompose.scheduler.watch.ProjectVerticles} hands each
 * to its project, which restarts containers by their policies and wakes steps that wait. Uses all
 * but {@code command} and {@code resume}.
 */
@NullMarked
package io.jcompose.scheduler.watch;

import org.jspecify.annotations.NullMarked;
