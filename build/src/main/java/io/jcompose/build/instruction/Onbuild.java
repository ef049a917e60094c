package io.jcompose.build.instruction;

/**
 * {@code ONBUILD}.
 *
 * @param trigger the instruction for images that are made of this one, with its here-documents; it
 *     is a valid one, and no other {@code ONBUILD}, {@code FROM} or {@code MAINTAINER}
 */
public record Onbuild(Place place, String text, String trigger) implements Instruction {}
