/**
 * Commands, progress, and the engine command that wires everything together. Entry class: {@link
 * io.jcompose.cli.Main}. What a command loads decides how fast it starts: nothing on the path of
 * {@code ps} and {@code up} may touch Jackson, SnakeYAML, Vert.x or jnr.
 */
@NullMarked
package io.jcompose.cli;

import org.jspecify.annotations.NullMarked;
