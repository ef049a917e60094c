package io.jcompose.engine.record;

import io.jcompose.engine.EngineConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mark beside a container's record while its processes are paused for a commit, and for that
 * alone: an engine that finds one of an engine before it lets the container go on. Stateless.
 */
public record CommitHold(EngineConfig config) {
  private static final Logger LOG = LoggerFactory.getLogger(CommitHold.class);
  private static final String FILE = "commit-held";

  public void place(String id) {
    Path mark = mark(id);
    try {
      Files.write(mark, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write " + mark, e);
    }
  }

  /** Takes the mark away; true, once, for a container that has one. */
  public boolean take(String id) {
    Path mark = mark(id);
    try {
      return Files.deleteIfExists(mark);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to delete " + mark, e);
    }
  }

  /** Takes the mark away, if there is one; a failure is logged and left to the next start. */
  public void forget(String id) {
    try {
      boolean _ = take(id);
    } catch (RuntimeException e) {
      LOG.error("failed to forget a commit's pause of {}; the next start tries again", id, e);
    }
  }

  private Path mark(String id) {
    return config.container(id).resolve(FILE);
  }
}
