package io.jcompose.linux.file;

import io.jcompose.linux.Libc;

/** The mask of permissions that new files of this process are made without, umask(2). */
public final class Umask {
  private static final Functions LIBC = Libc.load(Functions.class);

  private Umask() {}

  /** The C function. */
  public interface Functions {
    int umask(int mask);
  }

  /**
   * Sets the mask of the whole process, all threads included, whatever the one who started it had.
   *
   * @param mask permission bits, such as {@code 022}
   * @return the mask until now
   */
  public static int set(int mask) {
    return LIBC.umask(mask);
  }
}
