package io.jcompose.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;

/**
 * Loads bindings to the C library and checks what its calls return. A binding is a package-private
 * interface whose methods carry the C names; errno is saved right after each call, so {@link
 * #check} must follow on the same thread.
 */
public final class Libc {
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();

  private Libc() {}

  /** Binds an interface of C functions. */
  public static <T> T load(Class<T> functions) {
    return LibraryLoader.create(functions).option(LibraryOption.SaveError, true).load("c");
  }

  /** errno of the last call on this thread. */
  public static int errno() {
    return RUNTIME.getLastError();
  }

  /** Returns {@code result}, or throws KernelException when it is negative. */
  public static int check(int result, String call, String subject) {
    if (result < 0) {
      throw new KernelException(call, subject, errno());
    }
    return result;
  }

  /** Returns {@code result}, or throws KernelException when it is negative. */
  public static long check(long result, String call, String subject) {
    if (result < 0) {
      throw new KernelException(call, subject, errno());
    }
    return result;
  }
}
