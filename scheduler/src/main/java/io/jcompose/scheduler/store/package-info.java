/**
 * The projects' state files, by which a start of the engine knows what a crash interrupted: {@link
 * io.jcompose.scheduler.store.ProjectStore}. Uses {@code desired} and {@code plan}.
 */
@NullMarked
package io.jcompose.scheduler.store;

import org.jspecify.annotations.NullMarked;
