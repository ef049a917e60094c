package io.jcompose.linux;

import jnr.constants.platform.Errno;

/**
 * A kernel call that failed, with the call, its argument and errno's name: {@code mount /x: EINVAL
 * (Invalid argument)}.
 */
public final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  public KernelException(String call, String subject, int errno) {
    super(call + " " + subject + ": " + name(errno));
    this.errno = errno;
  }

  /** The number as in errno.h. */
  public int errno() {
    return errno;
  }

  /** True when the call failed with this error. */
  public boolean is(Errno error) {
    return errno == error.intValue();
  }

  /** {@code ENOENT (No such file or directory)}. */
  public static String name(int errno) {
    Errno error = Errno.valueOf(errno);
    return error.name() + " (" + error.description() + ")";
  }
}
