package io.jcompose.build.dockerfile;

import io.jcompose.build.dockerfile.Flags.Kind;
import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.instruction.Place;
import java.util.List;
import java.util.Map;

/**
 * A statement, and what all instructions have.
 *
 * @param text as instructions show it
 */
record Parsed(Statement statement, Head head, Place place, String text, char escape) {
  String joined() {
    return statement.joined().text();
  }

  String rest() {
    return head.rest();
  }

  List<Heredoc> heredocs() {
    return statement.heredocs();
  }

  Flags flags(Map<String, Kind> known) {
    return Flags.of(head, known);
  }

  Invalid invalid(String message) {
    return new Invalid(head.restAt(), message);
  }
}
