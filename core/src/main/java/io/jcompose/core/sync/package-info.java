/** Locks by key, fair shares, and undo in reverse. */
@NullMarked
package io.jcompose.core.sync;

import org.jspecify.annotations.NullMarked;
