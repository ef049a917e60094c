package io.jcompose.build.fetch;

import io.jcompose.build.context.Scratch;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.archive.ArchiveInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A context that a caller has sent, in a file that goes with the close. */
public final class ReceivedContext implements Builds.Received {
  private static final int DOCKERFILE_LIMIT = 1 << 20;
  private static final long MOST_BYTES = 20_000_000_000L;

  private final Scratch scratch;
  private final Path file;

  private ReceivedContext(Scratch scratch, Path file) {
    this.scratch = scratch;
    this.file = file;
  }

  /**
   * Takes it to its end.
   *
   * @param parent where the file is made
   * @throws JcomposeException.InvalidArgument when it cannot be taken
   */
  public static ReceivedContext of(InputStream content, Path parent) {
    Scratch scratch = new Scratch(parent, "received-");
    Path file = scratch.folder().resolve("context");
    boolean whole = false;
    try (InputStream bounded = new Bounded(content, MOST_BYTES, new GivenUp("the build"));
        OutputStream out = Files.newOutputStream(file)) {
      bounded.transferTo(out);
      whole = true;
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          "failed to get build context from stdin: " + e.getMessage(), e);
    } finally {
      if (!whole) {
        scratch.close();
      }
    }
    return new ReceivedContext(scratch, file);
  }

  @Override
  public BuildSpec of(BuildSpec spec) {
    if (isArchive()) {
      return spec.with().context("archive:" + file).build();
    }
    if (!spec.dockerfile().isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles");
    }
    return spec.with().dockerfileText(text()).build();
  }

  private boolean isArchive() {
    try (InputStream in = Files.newInputStream(file)) {
      return ArchiveInput.isTar(in);
    } catch (IOException e) {
      return false; // it begins like something compressed, and is not
    }
  }

  private String text() {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] text = in.readNBytes(DOCKERFILE_LIMIT + 1);
      if (text.length == 0) {
        throw new JcomposeException.InvalidArgument(
            "failed to get build context from stdin: it is empty");
      }
      if (text.length > DOCKERFILE_LIMIT) {
        throw new JcomposeException.InvalidArgument(
            "failed to get build context from stdin: it is no tar archive, and too long for a"
                + " Dockerfile");
      }
      return new String(text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          "failed to get build context from stdin: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    scratch.close();
  }
}
