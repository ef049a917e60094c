package io.jcompose.build.instruction;

/** {@code USER}. */
public record User(Place place, String text, String user) implements Instruction {}
