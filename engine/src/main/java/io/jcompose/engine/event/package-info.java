/**
 * What happens to containers, for all who subscribe and for the engine's log. The entry is {@link
 * EventHub}.
 */
@NullMarked
package io.jcompose.engine.event;

import org.jspecify.annotations.NullMarked;
