/** Durations as Go's programs read and print them: {@link io.jcompose.core.time.GoDuration}. */
@NullMarked
package io.jcompose.core.time;

import org.jspecify.annotations.NullMarked;
