/**
 * The queue of a project, in which its commands wait for each other: a {@link
 * io.jcompose.scheduler.queue.Command} takes its turn there, lends it while it only waits, and is
 * ended by others. Uses no other room.
 */
@NullMarked
package io.jcompose.scheduler.queue;

import org.jspecify.annotations.NullMarked;
