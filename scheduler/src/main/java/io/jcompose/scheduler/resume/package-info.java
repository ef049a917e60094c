/**
 * What a start of the engine does with its projects: {@link io.jcompose.scheduler.resume.Startup}
 * brings them back. Uses all other rooms.
 */
@NullMarked
package io.jcompose.scheduler.resume;

import org.jspecify.annotations.NullMarked;
