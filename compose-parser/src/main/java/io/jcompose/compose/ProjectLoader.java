package io.jcompose.compose;

import io.jcompose.core.JcomposeException;

/** Loads projects. Stateless; a call reads files and blocks for no longer than that takes. */
@SuppressWarnings("DoNotCallSuggester") // until the loader follows
public final class ProjectLoader {
  /**
   * Loads and validates a project.
   *
   * @throws JcomposeException.InvalidArgument with all problems, a line each, as {@code
   *     file:line:column: path: message}
   * @throws JcomposeException.NotFound when no compose file is found
   */
  public Project load(LoadRequest request) {
    throw new JcomposeException.NotSupported("loading from " + request.workingDir());
  }
}
