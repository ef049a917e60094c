package io.jcompose.build.instruction;

import org.jspecify.annotations.Nullable;

/**
 * {@code COPY}.
 *
 * @param from a stage by name or number, a named context, or an image; null for the context
 * @param parents keep the sources' folders
 */
public record Copy(
    Place place, String text, Transfer transfer, @Nullable String from, boolean parents)
    implements Instruction {}
