package io.jcompose.build.instruction;

/** {@code WORKDIR}. */
public record Workdir(Place place, String text, String path) implements Instruction {}
