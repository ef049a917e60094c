package io.jcompose.build.instruction;

/**
 * Where something is in a Dockerfile; all three count from 1.
 *
 * @param endLine the last line of it, a here-document's end included
 * @param column in UTF-16 units, of {@code line}
 */
public record Place(int line, int endLine, int column) {}
