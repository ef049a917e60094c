/**
 * The records of a loaded project, which the rest of jcompose reads; the entry is {@link
 * io.jcompose.compose.model.Project}. Open to other modules.
 */
@NullMarked
package io.jcompose.compose.model;

import org.jspecify.annotations.NullMarked;
