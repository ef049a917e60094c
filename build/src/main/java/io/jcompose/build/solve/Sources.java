package io.jcompose.build.solve;

import io.jcompose.build.context.Source;
import org.jspecify.annotations.Nullable;

/** Finds the trees that files are copied from. */
interface Sources {
  /**
   * @param from a stage, a named context or an image; null for the context
   */
  Opened open(@Nullable String from);

  /** A tree, and what lets go of it. */
  record Opened(Source source, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }
}
