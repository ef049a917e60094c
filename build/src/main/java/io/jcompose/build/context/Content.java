package io.jcompose.build.context;

import io.jcompose.core.Digest;

/**
 * A regular file's content.
 *
 * @param size bytes
 */
public record Content(long size, Digest digest) {}
