package io.jcompose.images;

import java.time.Instant;

/**
 * Who made an image, how and why.
 *
 * @param command what ran in the container, for the image's history
 */
public record Authorship(Instant at, String author, String comment, String command) {}
