package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Place;

/** Something at a place of a Dockerfile, in words for its author. */
public record Problem(Place place, String message) {}
