package io.jcompose.build.instruction;

/** {@code MAINTAINER}. */
public record Maintainer(Place place, String text, String name) implements Instruction {}
