package io.jcompose.core.build;

import io.jcompose.core.JcomposeException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * A folder on the engine's host for what a caller sends file by file: a folder before what is in
 * it, and each name once. All belongs to root. Confined to one thread; gone with the close.
 */
public interface SentFolder extends AutoCloseable {
  /** Where it is. */
  Path path();

  /**
   * Makes a folder, whose attributes it has after {@link #finish}.
   *
   * @throws JcomposeException.InvalidArgument for a path that leads out, is there, or whose parent
   *     is not
   */
  void folder(Entry entry);

  /** Makes a symbolic link; throws as {@link #folder}. */
  void link(Entry entry, String target);

  /** Gives a file a further name; throws as {@link #folder}. */
  void hardLink(Entry entry, String path);

  /** Makes a named pipe; throws as {@link #folder}. */
  void pipe(Entry entry);

  /** Begins a regular file, which is whole when the stream is closed; throws as {@link #folder}. */
  OutputStream file(Entry entry);

  /** All has come. */
  void finish();

  @Override
  void close();

  /**
   * A name and its attributes.
   *
   * @param path of components with slashes between them, from the folder
   * @param mode permission bits, set-id and sticky ones too
   * @param xattrs extended attributes by name
   */
  record Entry(
      String path, int mode, long mtimeSeconds, int mtimeNanos, Map<String, byte[]> xattrs) {
    public Entry {
      xattrs = Map.copyOf(xattrs);
    }
  }
}
