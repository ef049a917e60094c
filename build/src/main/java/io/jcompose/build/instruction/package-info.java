/**
 * The instructions of a Dockerfile as records, their values not yet expanded; {@link
 * io.jcompose.build.instruction.Instruction} is all of them.
 */
@NullMarked
package io.jcompose.build.instruction;

import org.jspecify.annotations.NullMarked;
