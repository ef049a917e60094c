/** What goes back: errors with their codes, JSON; {@link io.jcompose.registry.answer.Answers}. */
@NullMarked
package io.jcompose.registry.answer;

import org.jspecify.annotations.NullMarked;
