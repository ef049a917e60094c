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
