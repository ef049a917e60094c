package io.jcompose.api.http;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's first line and headers.
 *
 * @param path as sent, still percent-encoded, without the query
 * @param query decoded, the values of each name in their order
 * @param headers by lower-case name; several of one name are joined by a comma
 */
public record RequestHead(
    String method,
    String path,
    Map<String, List<String>> query,
    String version,
    Map<String, String> headers) {
  private static final int LIMIT_BYTES = 16 * 1024;
  private static final int HEADER_LIMIT = 100;

  public RequestHead {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  /** A header by its lower-case name, or an empty text. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** The first query value of a name, or an empty text. */
  public String query(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.getFirst();
  }

  /** True when the client asks to take the connection over. */
  public boolean isUpgrade() {
    return header("connection").toLowerCase(Locale.ROOT).contains("upgrade")
        && !header("upgrade").isEmpty();
  }

  /** True when the connection may serve another request after this one. */
  boolean keepsAlive() {
    String connection = header("connection").toLowerCase(Locale.ROOT);
    return version.equals("HTTP/1.1")
        ? !connection.contains("close")
        : connection.contains("keep-alive");
  }

  /** The next request's head; null when the client closed the connection between requests. */
  static @Nullable RequestHead read(WireInput input) throws IOException {
    String line = input.line(LIMIT_BYTES);
    while (line != null && line.isEmpty()) {
      line = input.line(LIMIT_BYTES);
    }
    if (line == null) {
      return null;
    }
    String[] parts = line.split(" ", -1);
    if (parts.length != 3 || !parts[2].startsWith("HTTP/1.") || !parts[1].startsWith("/")) {
      throw new MalformedRequest(400, "not an HTTP/1.1 request line");
    }
    int mark = parts[1].indexOf('?');
    String path = mark < 0 ? parts[1] : parts[1].substring(0, mark);
    String query = mark < 0 ? "" : parts[1].substring(mark + 1);
    return new RequestHead(
        parts[0],
        path,
        parseQuery(query),
        parts[2],
        readHeaders(input, LIMIT_BYTES - line.length()));
  }

  /**
   * @param room bytes that all of them may have together
   */
  private static Map<String, String> readHeaders(WireInput input, int room) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    for (int count = 0; ; count++) {
      String line = input.line(room);
      if (line == null) {
        throw new MalformedRequest(400, "connection closed in the middle of a request");
      }
      if (line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon <= 0 || line.charAt(colon - 1) == ' ') {
        throw new MalformedRequest(400, "malformed header");
      }
      if (count == HEADER_LIMIT) {
        throw new MalformedRequest(431, "more than " + HEADER_LIMIT + " headers");
      }
      room -= line.length();
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      headers.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
    }
  }

  private static Map<String, List<String>> parseQuery(String query) throws MalformedRequest {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        values
            .computeIfAbsent(decode(name), key -> new ArrayList<>())
            .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
      }
    }
    return values;
  }

  private static String decode(String text) throws MalformedRequest {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new MalformedRequest(400, "malformed percent-encoding in the query");
    }
  }
}
