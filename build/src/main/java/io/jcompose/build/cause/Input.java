package io.jcompose.build.cause;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the things that decide what a step gives. Immutable.
 *
 * @param name as it is told: {@code ARG V}
 * @param digest of its value
 * @param shown the value, where it is short and no secret
 * @param files what each file is, where it is files; empty for others, and for too many
 * @param ofFolders {@code files} has folders, each with all that lies in it
 */
public record Input(
    String name,
    String digest,
    @Nullable String shown,
    Map<String, String> files,
    boolean ofFolders) {}
