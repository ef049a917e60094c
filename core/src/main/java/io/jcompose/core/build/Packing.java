package io.jcompose.core.build;

import io.jcompose.core.JcomposeException;
import java.util.Map;

/**
 * How the layers of an image are packed where it leaves the host, and of which types its documents
 * are. Immutable.
 *
 * @param level the compression's own; -1 for the usual
 * @param forced layers that are packed otherwise are packed anew
 * @param dockerTypes media types of Docker, not of OCI
 */
public record Packing(Compression compression, int level, boolean forced, boolean dockerTypes) {
  public static final int USUAL_LEVEL = -1;
  public static final Packing DEFAULT = new Packing(Compression.GZIP, USUAL_LEVEL, false, false);

  /** How a layer's blob is compressed. */
  public enum Compression {
    GZIP("gzip", 9),
    ZSTD("zstd", 22),
    UNCOMPRESSED("uncompressed", 0);

    private final String word;
    private final int highest;

    Compression(String word, int highest) {
      this.word = word;
      this.highest = highest;
    }

    /**
     * @throws JcomposeException.InvalidArgument for another word
     */
    public static Compression parse(String word) {
      for (Compression one : values()) {
        if (one.word.equals(word)) {
          return one;
        }
      }
      throw new JcomposeException.InvalidArgument(
          "compression " + word + ": it is gzip, zstd or uncompressed");
    }
  }

  /**
   * As docker's {@code --output} says it.
   *
   * @param words by their names there; what is missing is as usual
   * @throws JcomposeException.InvalidArgument for what cannot be meant
   */
  public static Packing of(Map<String, String> words) {
    String level = words.getOrDefault("compression-level", "");
    if (!level.matches("\\d{0,2}")) {
      throw new JcomposeException.InvalidArgument(
          "compression-level " + level + ": it is a number, the higher the smaller");
    }
    return new Packing(
        Compression.parse(words.getOrDefault("compression", "gzip")),
        level.isEmpty() ? USUAL_LEVEL : Integer.parseInt(level),
        words.getOrDefault("force-compression", "").equals("true"),
        words.getOrDefault("oci-mediatypes", "").equals("false"));
  }

  /**
   * @throws JcomposeException.InvalidArgument for what cannot be together
   */
  public Packing {
    if (level >= 0 && compression == Compression.UNCOMPRESSED) {
      throw new JcomposeException.InvalidArgument(
          "compression-level " + level + ": what is uncompressed has none");
    }
    if (level < USUAL_LEVEL || level > compression.highest) {
      throw new JcomposeException.InvalidArgument(
          "compression-level "
              + level
              + ": of "
              + compression.word
              + " it is 0 to "
              + compression.highest);
    }
    if (dockerTypes && compression == Compression.ZSTD) {
      throw new JcomposeException.InvalidArgument(
          "compression zstd has no media type of Docker: use oci-mediatypes=true");
    }
  }
}
