package io.jcompose.linux;

/** The C library's heap of this process. */
public final class NativeHeap {
  private static final Functions LIBC = Libc.load(Functions.class);

  private NativeHeap() {}

  /** Gives what is free back to the kernel (man 3 malloc_trim). */
  public static void trim() {
    LIBC.malloc_trim(0);
  }

  /** Functions of man 3. */
  public interface Functions {
    @SuppressWarnings("MethodName") // the C library's
    int malloc_trim(long pad);
  }
}
