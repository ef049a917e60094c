package io.jcompose.build.instruction;

/** A key and its value in {@code ENV} and {@code LABEL}, both as written, quotes included. */
public record Pair(String key, String value) {}
