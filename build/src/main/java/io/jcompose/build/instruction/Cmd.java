package io.jcompose.build.instruction;

/** {@code CMD}. */
public record Cmd(Place place, String text, Command command) implements Instruction {}
