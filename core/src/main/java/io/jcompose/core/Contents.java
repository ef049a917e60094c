package io.jcompose.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The files of containers, whether they run or not. Paths are looked up as the container sees them:
 * links in it lead nowhere else. References as {@link Containers}. Every method blocks.
 */
public interface Contents {
  /**
   * Opens a path for reading; the caller closes it. A path that ends with {@code /} or {@code /.}
   * is what a link there leads to.
   *
   * @param followLink also follow a link at the path's end otherwise
   * @throws JcomposeException.NotFound {@code Could not find the file x in container y}
   */
  Archive open(String ref, String path, boolean followLink);

  /**
   * Unpacks a tar archive, plain or compressed, into a container.
   *
   * @throws JcomposeException.NotFound when the destination's directory does not exist
   * @throws JcomposeException.Conflict when the destination is read-only
   * @throws JcomposeException.InvalidArgument when a directory would take a file's place or the
   *     other way round
   */
  void write(String ref, Destination destination, InputStream tar) throws IOException;

  /** Writes the container's whole root file system, without its volumes, as a tar archive. */
  void export(String ref, OutputStream tar) throws IOException;

  /** What the container changed in its image's files, sorted by path. */
  List<Change> changes(String ref);

  /**
   * Makes an image of a container: its image's layers and its own.
   *
   * @param isGivenUp asked while the container's files are read; true ends that
   * @return the image's id
   * @throws JcomposeException.InvalidArgument for a wrong name or change
   * @throws JcomposeException.Cancelled when it was given up
   */
  String commit(String ref, Commit options, BooleanSupplier isGivenUp);

  /**
   * How an image is made of a container.
   *
   * @param reference the image's name, or empty
   * @param pause hold a running container while its files are read
   * @param changes instructions of a Dockerfile that change only the image's config
   */
  record Commit(
      String reference, String author, String comment, boolean pause, List<String> changes) {
    public Commit {
      changes = List.copyOf(changes);
    }
  }

  /** A path of a container, open for reading. */
  interface Archive extends AutoCloseable {
    /** The last component of the path as asked for; {@code .} for the contents of a directory. */
    String name();

    boolean isDirectory();

    /** Writes it as a tar archive whose entries begin with {@link #name}; once. */
    void writeTo(OutputStream tar) throws IOException;

    @Override
    void close();
  }

  /**
   * Where an archive goes, by docker cp's rules.
   *
   * @param path in the container
   * @param sourceName the first component of the archive's names, which the destination may rename;
   *     empty for an archive that is unpacked as it is, into a directory
   * @param sourceIsDirectory what the archive holds under that name
   * @param asUser give the files to the container's user instead of the archive's owners
   */
  record Destination(String path, String sourceName, boolean sourceIsDirectory, boolean asUser) {}

  /** A path that differs from the image. */
  record Change(Kind kind, String path) {
    /** What became of it. */
    public enum Kind {
      MODIFIED,
      ADDED,
      DELETED
    }
  }
}
