/**
 * What is said of commands: help, completions for shells, the manual. Entry: {@link
 * io.jcompose.cli.help.Help}.
 */
@NullMarked
package io.jcompose.cli.help;

import org.jspecify.annotations.NullMarked;
