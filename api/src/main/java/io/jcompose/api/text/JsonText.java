package io.jcompose.api.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Plain values as JSON. */
public final class JsonText {
  /** What a command may be at the most: a tree takes some 50 bytes of the heap for each token. */
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(100).maxTokenCount(200_000).build();

  public static final ObjectMapper MAPPER =
      new ObjectMapper(JsonFactory.builder().streamReadConstraints(LIMITS).build());

  private static final ObjectWriter PRETTY =
      MAPPER.writer(
          new DefaultPrettyPrinter()
              .withSeparators(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                      .withObjectEmptySeparator("")
                      .withArrayEmptySeparator(""))
              .withArrayIndenter(new DefaultIndenter("    ", "\n"))
              .withObjectIndenter(new DefaultIndenter("    ", "\n")));

  private static final int MOST_PARTS = 100_000;
  private static final int BYTES_OF_A_PART = 80;

  private JsonText() {}

  /**
   * How much of the heap the tree of a document takes beside its texts, at the most.
   *
   * @throws JcomposeException.InvalidArgument when that is too much for a command
   */
  public static int treeBytes(byte[] json) {
    int parts = 1;
    boolean quoted = false;
    for (int i = 0; i < json.length; i++) {
      switch (json[i]) {
        case '"' -> quoted = !quoted;
        case '\\' -> i++; // only in a text
        case '{', '[', ':', ',' -> parts += quoted ? 0 : 1;
        default -> {}
      }
    }
    if (parts > MOST_PARTS) {
      throw new JcomposeException.InvalidArgument(
          "the command is too large: it has " + parts + " parts, of " + MOST_PARTS + " allowed");
    }
    return parts * BYTES_OF_A_PART;
  }

  public static String of(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  /** One line of an NDJSON stream. */
  public static byte[] line(Object value) {
    return (of(value) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * JSON with the white space of Docker's, which scripts look for ({@code "Status": "running"}).
   */
  public static String pretty(Object document) {
    try {
      return PRETTY.writeValueAsString(document) + "\n";
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }
}
