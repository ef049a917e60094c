package io.jcompose.build.lint;

import io.jcompose.build.instruction.Place;

/** What a rule found. */
public record Finding(Rule rule, String message, Place place) {

  /** {@code Dockerfile:3:1: StageNameCasing: what is wrong}. */
  public String line(String name) {
    return name + ":" + place.line() + ":" + place.column() + ": " + rule.title() + ": " + message;
  }
}
