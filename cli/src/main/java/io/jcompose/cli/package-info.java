/** Commands, progress, and the engine command that wires everything together. */
@NullMarked
package io.jcompose.cli;

import org.jspecify.annotations.NullMarked;
