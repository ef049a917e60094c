package io.jcompose.core.build;

import io.jcompose.core.JcomposeException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * A folder on the engine's host for what a caller sends file by file, in the order of a walk: a
 * folder, then what is in it. It may have what the caller sent the last time; what it is not told
 * of any more goes. All belongs to root. Confined to one thread; not to be used after the close.
 */
public interface SentFolder extends AutoCloseable {
  /** Where it is. */
  Path path();

  /**
   * Makes a folder, whose attributes it has after {@link #finish}.
   *
   * @throws JcomposeException.InvalidArgument for a path that leads out, comes twice, or whose
   *     folder is not the last one or above it
   */
  void folder(Entry entry);

  /** Makes a symbolic link; throws as {@link #folder}. */
  void link(Entry entry, String target);

  /** Gives a file a further name; throws as {@link #folder}. */
  void hardLink(Entry entry, String path);

  /** Makes a named pipe; throws as {@link #folder}. */
  void pipe(Entry entry);

  /**
   * Tells of a regular file; throws as {@link #folder}.
   *
   * @return true when it is here from the last time, by its size, time and mode; else its content
   *     is to come by {@link #content}
   */
  boolean file(Entry entry, long size);

  /** Begins a file that was told of; it is whole when the stream is closed. */
  OutputStream content(Entry entry);

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

    /** The last component. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The path of the folder that it is in; empty for the root. */
    public String parent() {
      return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
  }
}
