/**
 * What a start of the engine does with its projects: {@link io.jcompose.scheduler.resume.Startup}
 * completes what a crash interrupted and brings back what should run. Uses all other rooms but
 * {@code watch}.
 */
@NullMarked
package io.jcompose.scheduler.resume;

import org.jspecify.annotations.NullMarked;
