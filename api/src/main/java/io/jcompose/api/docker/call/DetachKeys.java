package io.jcompose.api.docker.call;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/**
 * Looks for the keys by which a person leaves a program to itself, {@code ctrl-p,ctrl-q} where they
 * say no others. What may be the beginning of them is held back until it is known. Owned by the
 * thread that reads.
 */
public final class DetachKeys {
  private static final byte[] DEFAULT = {16, 17};
  private static final String CONTROLS = "@abcdefghijklmnopqrstuvwxyz[\\]^_";
  private static final int MOST = 32;

  private final byte[] keys;
  private int seen;

  private DetachKeys(byte[] keys) {
    this.keys = keys;
  }

  /**
   * Parses {@code ctrl-a,b}.
   *
   * @param text empty for the default
   * @throws Refusal (400) for what are no keys
   */
  public static DetachKeys parse(String text) {
    if (text.isEmpty()) {
      return new DetachKeys(DEFAULT);
    }
    String[] words = text.split(",", -1);
    if (words.length > MOST) {
      throw invalid(text);
    }
    byte[] keys = new byte[words.length];
    for (int i = 0; i < words.length; i++) {
      keys[i] = key(words[i], text);
    }
    return new DetachKeys(keys);
  }

  private static byte key(String word, String text) {
    if (word.length() == 1 && word.charAt(0) < 128) {
      return (byte) word.charAt(0);
    }
    String lower = word.toLowerCase(Locale.ROOT);
    int control = lower.matches("ctrl-.") ? CONTROLS.indexOf(lower.charAt(5)) : -1;
    if (control < 0) {
      throw invalid(text);
    }
    return (byte) control;
  }

  private static Refusal invalid(String text) {
    return new Refusal(400, "Invalid detach keys (" + Refusal.cut(text) + ") provided");
  }

  /**
   * Takes what was typed; after the keys nothing more passes.
   *
   * @param passed gets what of it goes to the program
   * @return true at the keys
   */
  public boolean take(byte[] typed, int length, ByteArrayOutputStream passed) {
    for (int i = 0; i < length; i++) {
      if (typed[i] == keys[seen]) {
        seen++;
        if (seen == keys.length) {
          return true;
        }
      } else {
        passed.write(keys, 0, seen);
        seen = typed[i] == keys[0] ? 1 : 0;
        if (seen == 0) {
          passed.write(typed[i]);
        }
      }
    }
    return false;
  }
}
