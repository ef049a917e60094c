/**
 * Files that this process reads and writes itself: compose files, and both ends of a copy. Needs
 * more jars than those that every command is started with. Entries: {@link
 * io.jcompose.cli.local.LoadRequests}, {@link io.jcompose.cli.local.LocalFiles}.
 */
@NullMarked
package io.jcompose.cli.local;

import org.jspecify.annotations.NullMarked;
