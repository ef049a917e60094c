package io.jcompose.cli.action;

import io.jcompose.cli.terminal.CommandFailure;

/**
 * Finds the keys that detach from a container in what a person types (github.com/moby/term, escape
 * proxy). Bytes that begin the sequence are held back until it is clear that they are not. Confined
 * to one thread.
 */
public final class DetachKeys {
  static final String DEFAULT = "ctrl-p,ctrl-q";

  private final byte[] keys;
  private int matched;

  /** Where there is nothing to detach from. */
  public static DetachKeys none() {
    return new DetachKeys(new byte[0]);
  }

  private DetachKeys(byte[] keys) {
    this.keys = keys;
  }

  /**
   * Parses {@code ctrl-p,ctrl-q}: single characters, or {@code ctrl-} and one of {@code a-z @ [ \\
   * ] ^ _}; an empty text is the default.
   *
   * @throws CommandFailure for anything else
   */
  public static DetachKeys parse(String text) {
    String[] words = (text.isEmpty() ? DEFAULT : text).split(",");
    byte[] keys = new byte[words.length];
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      if (word.length() == 1 && word.charAt(0) < 0x80) {
        keys[i] = (byte) word.charAt(0);
      } else if (word.length() == 6
          && word.startsWith("ctrl-")
          && "@[\\]^_".indexOf(word.charAt(5)) >= 0) {
        keys[i] = (byte) (word.charAt(5) - '@');
      } else if (word.length() == 6 && word.matches("ctrl-[a-z]")) {
        keys[i] = (byte) (word.charAt(5) - 'a' + 1);
      } else {
        throw new CommandFailure(
            "invalid detach keys (" + text + "): unknown key \"" + word + "\"", 1);
      }
    }
    return new DetachKeys(keys);
  }

  /** True when the keys are complete. */
  public boolean isComplete() {
    return keys.length > 0 && matched == keys.length;
  }

  /**
   * Passes typed bytes on.
   *
   * @param target takes them; has room for {@code length} and the keys' length more
   * @return how many bytes are in the target; no more come once the keys are complete
   */
  public int filter(byte[] typed, int length, byte[] target) {
    if (keys.length == 0) {
      System.arraycopy(typed, 0, target, 0, length);
      return length;
    }
    int filled = 0;
    for (int i = 0; i < length && !isComplete(); i++) {
      if (typed[i] == keys[matched]) {
        matched++;
        continue;
      }
      System.arraycopy(keys, 0, target, filled, matched);
      filled += matched;
      matched = typed[i] == keys[0] ? 1 : 0;
      if (matched == 0) {
        target[filled++] = typed[i];
      }
    }
    return filled;
  }

  /** Room that {@link #filter} needs beside what is typed. */
  public int length() {
    return keys.length;
  }
}
