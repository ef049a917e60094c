package io.jcompose.api.docker.call;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of Docker's API: what it asks for, parsed by Go's rules, and its answer. Owned by the
 * connection's thread.
 *
 * @param minor of the version asked for, {@code 1.minor}
 * @param names parts of the path by their names in the template
 */
public record Call(Exchange exchange, int minor, Map<String, String> names) {
  public static final String JSON = "application/json";
  private static final int LONGEST_BODY = 4 << 20;
  private static final Set<String> FALSE = Set.of("", "0", "no", "false", "none");
  private static final long NANOS = 1_000_000_000L;

  /** As Go's: names of members in any case, and members that are not known are passed over. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(JsonText.MAPPER.getFactory().copy())
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  public String name(String name) {
    return names.getOrDefault(name, "");
  }

  public String query(String name) {
    return exchange.head().query(name);
  }

  /** All values of a name that may be there more than once. */
  public List<String> queries(String name) {
    return exchange.head().query().getOrDefault(name, List.of());
  }

  /** True for a value that is not one of Docker's words for no. */
  public boolean is(String name) {
    return !FALSE.contains(query(name).strip().toLowerCase(Locale.ROOT));
  }

  /** As {@link #is}, with what is meant when nothing is said. */
  public boolean is(String name, boolean silence) {
    return query(name).isEmpty() ? silence : is(name);
  }

  /**
   * A number; null for none.
   *
   * @throws Refusal (500), as Docker, for what is no number
   */
  public @Nullable Integer number(String name) {
    String text = query(name);
    try {
      return text.isEmpty() ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw Refusal.noNumber("Atoi", text);
    }
  }

  /**
   * Seconds since 1970 with up to nine digits of a fraction; null for none, and for 0.
   *
   * @throws Refusal (500), as Docker, for what is no number
   */
  public @Nullable Instant time(String name) {
    String text = query(name);
    if (text.isEmpty() || text.equals("0")) {
      return null;
    }
    int point = text.indexOf('.');
    String seconds = point < 0 ? text : text.substring(0, point);
    String fraction = point < 0 ? "" : text.substring(point + 1);
    try {
      long nanos =
          fraction.isEmpty() ? 0 : Long.parseLong((fraction + "000000000").substring(0, 9));
      long whole = Math.clamp(Long.parseLong(seconds), -NANOS * 60, NANOS * 60);
      return Instant.ofEpochSecond(whole, nanos);
    } catch (NumberFormatException e) {
      throw Refusal.noNumber("ParseInt", text);
    }
  }

  public NamedFilters filters(Set<String> known) {
    return QueryFilters.parse(query("filters"), known);
  }

  /**
   * The body as a document; an empty one is {@code {}}.
   *
   * @throws Refusal (400) for another content type, or what is not its JSON
   */
  public <T> T body(Class<T> type) throws IOException {
    T document = bodyIfGiven(type);
    if (document == null) {
      throw unreadable();
    }
    return document;
  }

  /** As {@link #body}, and null for {@code null}, which clients send for a document left out. */
  public <T> @Nullable T bodyIfGiven(Class<T> type) throws IOException {
    byte[] bytes = exchange.bodyBytes(LONGEST_BODY);
    String said = exchange.head().header("content-type");
    String kind = said.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (bytes.length > 0 && !kind.equals(JSON)) {
      throw new Refusal(
          400, "unsupported Content-Type header (" + shown(said) + "): must be 'application/json'");
    }
    exchange.charge(JsonText.treeBytes(bytes));
    ObjectReader reader = MAPPER.readerFor(type);
    try {
      return reader.readValue(bytes.length == 0 ? new byte[] {'{', '}'} : bytes);
    } catch (IOException e) {
      throw unreadable(); // what the parser says has parts of the engine's insides
    }
  }

  private static Refusal unreadable() {
    return new Refusal(400, "invalid JSON: it is not what is asked for here");
  }

  private static String shown(String text) {
    return text.length() > 100 ? text.substring(0, 100) : text;
  }

  public void json(int status, Object document) throws IOException {
    exchange.respond(status, JSON, text(document));
  }

  /** A document as Go writes it, with an end of line. */
  public static String text(Object document) {
    return JsonText.of(document) + "\n";
  }

  public void json(Object document) throws IOException {
    json(200, document);
  }

  /** Work on the body as it comes. */
  @FunctionalInterface
  public interface Taking<T> {
    T take(InputStream body) throws IOException;
  }

  /** Takes a long body; what is left of it is dropped, so that the client comes to its answer. */
  public <T> T taking(Taking<T> work) throws IOException {
    InputStream body = exchange.body();
    try {
      return work.take(body);
    } finally {
      body.transferTo(OutputStream.nullOutputStream());
    }
  }

  /** Answers with a status alone. */
  public void done(int status) throws IOException {
    exchange.respond(status, "", "");
  }
}
