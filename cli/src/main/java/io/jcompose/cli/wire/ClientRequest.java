package io.jcompose.cli.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the client program sends of a command line: fields, each with a NUL after it, as {@code
 * client.c} writes them.
 *
 * @param build of the client
 * @param folder the current one
 * @param terminals for each of the descriptors 0 to 2 a 1 if it is a terminal
 * @param rows of the terminal, 0 when unknown
 * @param began when it was typed, in milliseconds since 1970
 * @param logPlaces where each container's log was read to before
 */
public record ClientRequest(
    String build,
    String folder,
    String terminals,
    int rows,
    int columns,
    long began,
    List<String> arguments,
    Map<String, String> env,
    Map<String, String> logPlaces) {
  /** What a field takes of the heap beside its characters: strings, places in lists and maps. */
  private static final int FIELD_BYTES = 160;

  /** The kernel gives no program a longer one where a page has 4 KiB: man 2 execve. */
  private static final int LONGEST_WORD = 128 << 10;

  /** A control character has six in JSON, of which there are a copy or two. */
  private static final int WHILE_ASKED = 16;

  /** As bytes and as texts. */
  private static final int KEPT = 2;

  /**
   * How much of the heap a request takes at most, in bytes, with what its command makes of its
   * words until the engine has answered; at most the largest int.
   */
  public static int heapBytes(byte[] bytes) {
    return heapBytes(bytes, WHILE_ASKED);
  }

  /** How much of that stays as long as the command does. */
  public static int keptBytes(byte[] bytes) {
    return heapBytes(bytes, KEPT);
  }

  private static int heapBytes(byte[] bytes, int each) {
    long fields = 0;
    for (byte one : bytes) {
      if (one == 0) {
        fields++;
      }
    }
    return (int) Math.min(Integer.MAX_VALUE, fields * FIELD_BYTES + (long) each * bytes.length);
  }

  /** The build that sent a request, before the rest is read. */
  public static String buildOf(byte[] bytes) {
    return new Fields(bytes).text();
  }

  /**
   * Reads the fields.
   *
   * @throws IllegalArgumentException when they are no request
   */
  public static ClientRequest parse(byte[] bytes) {
    Fields fields = new Fields(bytes);
    String build = fields.text();
    String folder = fields.text();
    String terminals = fields.text();
    int rows = (int) fields.number(Short.MAX_VALUE);
    int columns = (int) fields.number(Short.MAX_VALUE);
    long began = fields.number(Long.MAX_VALUE);
    List<String> arguments = fields.texts();
    Map<String, String> env = new LinkedHashMap<>();
    for (String variable : fields.texts()) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        env.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    Map<String, String> places = new LinkedHashMap<>();
    for (long i = fields.number(bytes.length); i > 0; i--) {
      places.put(fields.text(), fields.text());
    }
    if (!folder.startsWith("/") || !terminals.matches("[01]{3}")) {
      throw new IllegalArgumentException("no folder or terminals");
    }
    return new ClientRequest(
        build, folder, terminals, rows, columns, began, arguments, env, places);
  }

  private static final class Fields {
    private final byte[] bytes;
    private int at;

    Fields(byte[] bytes) {
      this.bytes = bytes;
    }

    String text() {
      int start = at;
      while (at < bytes.length && bytes[at] != 0) {
        at++;
      }
      if (at == bytes.length) {
        throw new IllegalArgumentException("a field is missing");
      }
      if (at - start > LONGEST_WORD) {
        throw new IllegalArgumentException("a word of more than 128 KiB");
      }
      return new String(bytes, start, at++ - start, StandardCharsets.UTF_8);
    }

    long number(long most) {
      long number = Long.parseLong(text());
      if (number < 0 || number > most) {
        throw new IllegalArgumentException("number " + number);
      }
      return number;
    }

    List<String> texts() {
      List<String> texts = new ArrayList<>();
      for (long i = number(bytes.length); i > 0; i--) {
        texts.add(text());
      }
      return texts;
    }
  }
}
