package io.jcompose.compose.tree;

import java.util.Locale;

/**
 * What one load may cost, so that a small file cannot fill the memory: values after aliases, port
 * ranges and {@code extends} are written out, characters after substitution, and files. Grows with
 * the heap of the process. Owned by one load.
 */
public final class LoadLimits {
  private static final int MAX_FILES = 1000;
  private static final long MAX_HEAP = 1L << 30;

  private final LoadTurns turns;
  private final long heapBytes;
  private final int maxValues;
  private final long maxCharacters;
  private int values;
  private long characters;
  private int files;
  private boolean begun;
  private boolean isLarge;

  /**
   * @param turns of all loads of this process
   */
  LoadLimits(long heapBytes, LoadTurns turns) {
    this.turns = turns;
    this.heapBytes = heapBytes;
    long counted = Math.clamp(heapBytes, 1L << 25, MAX_HEAP);
    // What was measured of a whole load: 600 bytes a value, five copies of a text.
    maxValues = (int) (counted >> 10);
    maxCharacters = counted >> 4;
  }

  public static LoadLimits ofThisProcess(LoadTurns turns) {
    return new LoadLimits(Runtime.getRuntime().maxMemory(), turns);
  }

  /** Waits for the turn of a load that has so much in memory; {@link #end} gives it back. */
  private void has(long valuesSoFar, long charactersSoFar) {
    if (!begun) {
      turns.begin();
      begun = true;
    }
    boolean isMuch =
        valuesSoFar > LoadTurns.SMALL_VALUES || charactersSoFar > LoadTurns.SMALL_CHARACTERS;
    if (isMuch && !isLarge) {
      turns.beginLarge();
      isLarge = true;
    }
  }

  /** A text of so many characters is about to be read. */
  public void reads(long length) {
    has(values, length);
  }

  /** The load has ended. */
  public void end() {
    if (isLarge) {
      turns.endLarge();
      isLarge = false;
    }
    if (begun) {
      turns.end();
      begun = false;
    }
  }

  /** Values so far. */
  public int values() {
    return values;
  }

  /** Characters so far that aliases and variables made. */
  public long characters() {
    return characters;
  }

  public long maxFileBytes() {
    return maxCharacters;
  }

  /** Counts values; false when they are too many. */
  public boolean addValues(int count) {
    values = (int) Math.min(Integer.MAX_VALUE, (long) values + count);
    has(values, characters);
    return values <= maxValues;
  }

  /** Counts characters that aliases and variables made; false when they are too many. */
  public boolean addCharacters(long count) {
    characters += count;
    has(values, characters);
    return characters <= maxCharacters;
  }

  /** Counts a file; false when there are too many. */
  public boolean addFile() {
    return ++files <= MAX_FILES;
  }

  public String tooManyValues() {
    return tooMuch(
        "more than %,d values or too long texts, aliases, extends and port ranges written out",
        maxValues);
  }

  public String tooManyCharacters() {
    return tooMuch("more than %,d characters, aliases and variables written out", maxCharacters);
  }

  public static String tooManyFiles() {
    return "the project includes more than " + MAX_FILES + " files";
  }

  private String tooMuch(String what, long limit) {
    return String.format(
        Locale.ROOT,
        "the project is too large: " + what + " (%d MB of memory allow no more)",
        limit,
        heapBytes >> 20);
  }
}
