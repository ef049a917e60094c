/**
 * Containers, in memory and on disk: what each was made from, how its last run went, and its
 * present run. The entry is {@link ContainerStore}.
 */
@NullMarked
package io.jcompose.engine.record;

import org.jspecify.annotations.NullMarked;
