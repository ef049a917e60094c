package io.jcompose.compose.model;

import org.jspecify.annotations.Nullable;

/**
 * A service's use of a config or secret.
 *
 * @param source key of the top-level element
 * @param target absolute path in the container
 * @param uid numeric owner as text, empty is 0
 * @param mode permission bits, null is 0444
 */
public record FileReference(
    String source, String target, String uid, String gid, @Nullable Integer mode) {}
