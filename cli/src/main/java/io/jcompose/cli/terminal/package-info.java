/**
 * What this process shows, reads and asks, and how it fails. Entries: {@link
 * io.jcompose.cli.terminal.Terminal}, {@link io.jcompose.cli.terminal.CommandFailure}.
 */
@NullMarked
package io.jcompose.cli.terminal;

import org.jspecify.annotations.NullMarked;
