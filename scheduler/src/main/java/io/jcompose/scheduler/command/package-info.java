/**
 * What each command does, from its turn to its last step: {@link
 * io.jcompose.scheduler.command.Turns} runs them. Uses all but {@code resume}.
 */
@NullMarked
package io.jcompose.scheduler.command;

import org.jspecify.annotations.NullMarked;
