/**
 * What a start of the engine needs to know of its projects: {@link
 * io.jcompose.scheduler.store.ProjectStore} keeps their state files. Uses {@code desired} and
 * {@code plan}.
 */
@NullMarked
package io.jcompose.scheduler.store;

import org.jspecify.annotations.NullMarked;
