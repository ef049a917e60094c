/** Finds what is legal and likely wrong; the entry is {@link io.jcompose.compose.lint.Lint}. */
@NullMarked
package io.jcompose.compose.lint;

import org.jspecify.annotations.NullMarked;
