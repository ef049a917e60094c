/**
 * The queue of a project: a {@link io.jcompose.scheduler.queue.Command} waits there for its turn,
 * lends it while it only waits, and is ended by others. Uses no other room.
 */
@NullMarked
package io.jcompose.scheduler.queue;

import org.jspecify.annotations.NullMarked;
