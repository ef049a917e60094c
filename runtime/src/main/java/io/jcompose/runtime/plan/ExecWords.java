package io.jcompose.runtime.plan;

import io.jcompose.core.JcomposeException;
import java.util.List;

/**
 * What the kernel takes as the words of a program: man 2 execve, "Limits on size of arguments and
 * environment". All together they may have a fourth of the stack's limit, which is 8 MiB.
 */
public final class ExecWords {
  private static final int ONE = 32 * 4096;
  private static final int ALL = 2 << 20;
  private static final int POINTER = 8;
  private static final String INSTEAD =
      "; hand it over as a file: mount one, or use configs or secrets";

  private ExecWords() {}

  /**
   * Refuses what no program can be executed with.
   *
   * @throws JcomposeException.InvalidArgument with the reason
   */
  public static void check(List<String> args, List<String> env) {
    long all = 0;
    for (String arg : args) {
      all += length(arg, "an argument");
    }
    for (String variable : env) {
      all += length(variable, "variable " + nameOf(variable));
    }
    long words = (long) args.size() + env.size();
    if (all + words * POINTER > ALL) {
      throw new JcomposeException.InvalidArgument(
          ("argument list too long: command and environment have %d bytes in %d words, more than"
                      + " the 2 MiB that the kernel takes (E2BIG)")
                  .formatted(all, words)
              + INSTEAD);
    }
  }

  /** In bytes, with the NUL behind. */
  private static int length(String word, String what) {
    int bytes = 1;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == 0) {
        throw new JcomposeException.InvalidArgument(
            "invalid argument: NUL character in command or environment");
      }
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    if (bytes > ONE) {
      throw new JcomposeException.InvalidArgument(
          "argument list too long: %s has %d bytes, and the kernel takes %d in one (E2BIG)"
                  .formatted(what, bytes - 1, ONE - 1)
              + INSTEAD);
    }
    return bytes;
  }

  private static String nameOf(String variable) {
    int equals = variable.indexOf('=');
    return variable.substring(0, Math.clamp(equals, 0, 100));
  }
}
