package io.jcompose.build.instruction;

/** {@code ENTRYPOINT}. */
public record Entrypoint(Place place, String text, Command command) implements Instruction {}
