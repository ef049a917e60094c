package io.jcompose.build.context;

import io.jcompose.linux.file.DirectoryFd;
import java.util.function.Predicate;

/**
 * A tree that files are copied from.
 *
 * @param root nothing outside of it is reached
 * @param excludes whether a path, relative and with slashes, is left out
 * @param mayInclude whether something below a left out directory may be in
 * @param keepsOwners its owners are those of an image; in a context of the host they mean nothing
 * @param name as messages call it
 */
public record Source(
    DirectoryFd root,
    Predicate<String> excludes,
    Predicate<String> mayInclude,
    boolean keepsOwners,
    String name) {

  /** All of a folder's files. */
  public static Source ofFolder(DirectoryFd root, String name) {
    return new Source(root, path -> false, path -> true, false, name);
  }

  /** All of a stage's or an image's files. */
  public static Source ofImage(DirectoryFd root, String name) {
    return new Source(root, path -> false, path -> true, true, name);
  }
}
