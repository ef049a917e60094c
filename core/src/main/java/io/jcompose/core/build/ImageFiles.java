package io.jcompose.core.build;

import java.io.IOException;
import java.io.InputStream;

/**
 * The files of an image, all layers as one, as they were when they were asked for; in the order of
 * a walk, names sorted. May be gone through more than once. One thread's; the caller closes it.
 */
public interface ImageFiles extends AutoCloseable {
  /** Goes through all of them. */
  void each(Visitor visitor) throws IOException;

  @Override
  void close();

  /** Takes each file. */
  interface Visitor {
    /**
     * @param content of a regular file, valid during the call; empty for all else
     */
    void visit(File file, InputStream content) throws IOException;
  }

  /** What it is. */
  enum Type {
    REGULAR,
    FOLDER,
    LINK,
    PIPE,
    OTHER
  }

  /**
   * One file.
   *
   * @param size of a regular file
   * @param link what a symbolic link leads to; else empty
   */
  record File(SentFolder.Entry entry, Type type, int uid, int gid, long size, String link) {}
}
