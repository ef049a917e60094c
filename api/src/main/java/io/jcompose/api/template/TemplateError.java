package io.jcompose.api.template;

import io.jcompose.core.JcomposeException;

/** What is wrong with a template, with the column where, in the words of Go's text/template. */
final class TemplateError {
  private TemplateError() {}

  static JcomposeException parsing(int column, String problem) {
    return new JcomposeException.InvalidArgument(
        "template parsing error: template: :1:" + column + ": " + problem);
  }

  static JcomposeException executing(int column, String at, String problem) {
    return new JcomposeException.InvalidArgument(
        "template: :1:" + column + ": executing \"\" at <" + at + ">: " + problem);
  }
}
