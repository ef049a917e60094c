/**
 * The program, in a process of its own or in the engine for a client: finds the command that was
 * typed and gives its words to its action. Entry class: {@link io.jcompose.cli.Main}. What a
 * command loads decides how fast it starts: nothing on the path of {@code ps} and {@code up} may
 * touch Jackson, SnakeYAML, Vert.x or jnr.
 */
@NullMarked
package io.jcompose.cli;

import org.jspecify.annotations.NullMarked;
