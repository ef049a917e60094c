/**
 * What can be typed: commands, their options and words; what was typed. Entry: {@link
 * io.jcompose.cli.command.Commands}.
 */
@NullMarked
package io.jcompose.cli.command;

import org.jspecify.annotations.NullMarked;
