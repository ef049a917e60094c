package io.jcompose.build.instruction;

import org.jspecify.annotations.Nullable;

/**
 * {@code FROM}, which begins a stage.
 *
 * @param image a stage, a named context, an image, or {@code scratch}; may have variables
 * @param platform may have variables
 * @param alias the stage's name, in lower case
 */
public record From(
    Place place, String text, String image, @Nullable String platform, @Nullable String alias)
    implements Instruction {}
