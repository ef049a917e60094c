package io.jcompose.build.instruction;

/** {@code STOPSIGNAL}. */
public record Stopsignal(Place place, String text, String signal) implements Instruction {}
