/**
 * Where a command was typed: what it shows, reads and asks there, and how it fails. Entries: {@link
 * io.jcompose.cli.terminal.Consoles}, {@link io.jcompose.cli.terminal.CommandFailure}.
 */
@NullMarked
package io.jcompose.cli.terminal;

import org.jspecify.annotations.NullMarked;
