/** What a whole project must keep; the entry is {@link io.jcompose.compose.rules.Consistency}. */
@NullMarked
package io.jcompose.compose.rules;

import org.jspecify.annotations.NullMarked;
