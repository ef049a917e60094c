/**
 * What each command does: {@link io.jcompose.scheduler.command.CommandRunner} gives it its turn,
 * and {@code UpCommand}, {@code DownCommand} and the others observe, plan and execute. Uses all but
 * {@code resume}.
 */
@NullMarked
package io.jcompose.scheduler.command;

import org.jspecify.annotations.NullMarked;
