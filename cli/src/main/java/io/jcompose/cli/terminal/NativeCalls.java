package io.jcompose.cli.terminal;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * System calls by the small native library beside the jars; each returns the call's result or a
 * negative errno. See {@code src/main/c/native_calls.c}. Where the library does not load, callers
 * use the JDK's slower ways.
 */
public final class NativeCalls {
  private static final boolean LOADED = load();

  private NativeCalls() {}

  /** True when the other methods may be called. */
  public static boolean isLoaded() {
    return LOADED;
  }

  public static native int connect(byte[] path);

  public static native int read(int fd, byte[] target, int offset, int length);

  public static native int write(int fd, byte[] source, int offset, int length);

  public static native int shutdown(int fd);

  /** Ends what is written; the other direction goes on. */
  public static native int shutdownOutput(int fd);

  static native boolean isTerminal(int fd);

  /** {@code rows << 16 | columns}. */
  static native int windowSize(int fd);

  static native int rawMode(int fd);

  /** Lets SIGQUIT end this process, the terminal given back, as connect does. */
  public static native void endOnQuit();

  /** Whether SIGQUIT has to show the cursor again, on standard error. */
  static native void hidesCursor(boolean hidden);

  static native int silentMode(int fd);

  static native int restoreMode(int fd);

  /**
   * Starts a program in a session of its own.
   *
   * @param arguments with a NUL after each
   * @param log where standard error is appended
   * @return a descriptor that reads its standard output
   */
  public static native int spawn(byte[] arguments, byte[] log);

  @SuppressWarnings("restricted") // our own library, checked by the build
  private static boolean load() {
    String home = System.getProperty("jcompose.home");
    if (home == null) {
      return false;
    }
    Path library = Path.of(home, "lib", "libjcompose.so");
    try {
      if (Files.exists(library)) {
        System.load(library.toString());
        return true;
      }
    } catch (UnsatisfiedLinkError e) {
      // another machine's library: the JDK's channel does the work
    }
    return false;
  }
}
