package io.jcompose.core.build;

import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/**
 * Builds images of Dockerfiles. Progress has one row a build, {@code Image NAME} (Building, Built,
 * Error), and under it one a step, {@code [NAME 2/5] RUN make}, with the statuses Building, Cached,
 * Done and Error; what a step prints comes as reports of the step's row with the status {@code
 * Output}, one a line.
 */
public interface Builds {
  /** The status of a report that is a line that a step printed. */
  String OUTPUT = "Output";

  /** The status of a report why a step is carried out: what differs from the last build. */
  String NOT_CACHED = "Not cached";

  /** The row of what the check of a Dockerfile finds, as warnings. */
  String CHECK = "Build check";

  /**
   * Builds images: independent ones at once, one that uses another's result after it, and what two
   * have in common once. Blocks.
   *
   * @return one result for each, in their order
   * @throws JcomposeException.InvalidArgument for what the Dockerfile or the options have wrong:
   *     one line a problem, {@code Dockerfile:3:5: what is wrong}
   * @throws JcomposeException.NotFound without the context, the Dockerfile, the target or a base
   *     image
   * @throws JcomposeException.Conflict when a step failed; with the lines of the Dockerfile
   * @throws JcomposeException.Cancelled when the thread is interrupted
   */
  List<Built> build(List<BuildSpec> specs, Progress progress);

  /**
   * Takes what a caller sends as a context, to its end: a tar archive, compressed or not, or a
   * Dockerfile alone. Blocks.
   *
   * @return the caller's to close, after the build
   * @throws JcomposeException.InvalidArgument for what is neither
   */
  Received receive(InputStream content);

  /**
   * Begins a folder that a caller sends file by file; the caller's to close, after the build.
   *
   * @param key names the folder to the next build, which then has it as it is; empty for none
   */
  SentFolder receiveFolder(String key);

  /** A context that was sent. */
  interface Received extends AutoCloseable {
    /** A build that has this context. */
    BuildSpec of(BuildSpec spec);

    @Override
    void close();
  }

  /**
   * What is legal in a Dockerfile and likely wrong, one line a finding; builds nothing.
   *
   * @throws JcomposeException.InvalidArgument as {@link #build}
   */
  List<String> check(BuildSpec spec);

  /**
   * Writes the files of an image, all layers as one, as a tar archive.
   *
   * @throws JcomposeException.NotFound when there is no such image
   * @throws IOException when the stream cannot be written
   */
  void export(String imageId, OutputStream tar) throws IOException;

  /**
   * The files of an image; the caller's to close.
   *
   * @throws JcomposeException.NotFound when there is no such image
   */
  default ImageFiles files(String imageId) {
    throw new JcomposeException.NotSupported("files of images are not looked at here");
  }

  /** What builds keep for later ones, largest first. */
  List<CacheEntry> cache();

  /** Removes what builds keep and no image has. */
  Images.Pruned prune(Prune what);

  /**
   * What is removed.
   *
   * @param steps results of steps that may go
   * @param keepBytes of the latest used results that stay
   * @param caches the caches of {@code RUN --mount=type=cache}, too, unless a build is under way,
   *     and folders that callers have sent
   */
  record Prune(Predicate<CacheEntry> steps, long keepBytes, boolean caches) {
    public static final Prune ALL = new Prune(step -> true, 0, true);
  }

  /**
   * What a build gave.
   *
   * @param imageId {@code sha256:…}
   * @param cached true when no step had to be carried out
   */
  record Built(String imageId, boolean cached) {}

  /**
   * A step's result that is kept.
   *
   * @param id names it to {@code prune}
   * @param description the step, as its image's history has it
   * @param inUse an image or a build under way has it
   */
  record CacheEntry(String id, String description, long bytes, Instant lastUsed, boolean inUse) {}
}
