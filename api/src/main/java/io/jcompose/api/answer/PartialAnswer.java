package io.jcompose.api.answer;

import io.jcompose.core.JcomposeException;

/** What could be answered of a request, and the error of the rest. */
final class PartialAnswer extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;
  private final JcomposeException error;

  /**
   * @param text for standard output
   */
  PartialAnswer(String text, JcomposeException error) {
    super(error.getMessage(), error);
    this.text = text;
    this.error = error;
  }

  String text() {
    return text;
  }

  JcomposeException error() {
    return error;
  }
}
