package io.jcompose.images;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who may pull what of a {@link FaultyRegistry}: by Basic, or by tokens that name user and
 * repository.
 *
 * @param passwords by user
 * @param readers users by repository; one that has none is everybody's
 * @param refused what was refused, {@code user repository}
 */
record TestAccess(
    boolean bearer,
    Map<String, String> passwords,
    Map<String, Set<String>> readers,
    List<String> refused) {
  static TestAccess basic(Map<String, String> passwords, Map<String, Set<String>> readers) {
    return new TestAccess(false, passwords, readers, new CopyOnWriteArrayList<>());
  }

  static TestAccess bearer(Map<String, String> passwords, Map<String, Set<String>> readers) {
    return new TestAccess(true, passwords, readers, new CopyOnWriteArrayList<>());
  }

  /** Answers what needs no content; false lets the registry answer. */
  boolean answers(HttpExchange exchange, String host) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/token")) {
      token(exchange);
      return true;
    }
    String repository = path.replaceFirst("^/v2/", "").replaceFirst("/?(manifests|blobs)/.*", "");
    Set<String> allowed = readers.getOrDefault(repository, Set.of());
    String user = user(exchange, repository);
    boolean everybodys = !repository.isEmpty() && allowed.isEmpty();
    if (everybodys || (!user.isEmpty() && (repository.isEmpty() || allowed.contains(user)))) {
      return false;
    }
    refused.add(user + " " + repository);
    exchange
        .getResponseHeaders()
        .set(
            "WWW-Authenticate",
            bearer
                ? "Bearer realm=\"http://" + host + "/token\",service=\"test\""
                : "Basic realm=\"test\"");
    send(
        exchange,
        401,
        "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}");
    return true;
  }

  private void token(HttpExchange exchange) throws IOException {
    String header = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    String user = basicUser(header);
    if (!header.equals("null") && user.isEmpty()) {
      send(exchange, 401, "{}");
      return;
    }
    String repository = query.replaceFirst(".*scope=repository:(.*):pull.*", "$1");
    String token = user + "|" + (query.contains("scope=") ? repository : "");
    String offline =
        query.contains("offline_token=true") ? ",\"refresh_token\":\"r-" + user + "\"" : "";
    send(exchange, 200, "{\"token\":\"" + encoded(token) + "\"" + offline + "}");
  }

  private String user(HttpExchange exchange, String repository) {
    String header = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    if (!bearer) {
      return basicUser(header);
    }
    String token = header.startsWith("Bearer ") ? decoded(header.substring(7)) : "|";
    return token.endsWith("|" + repository) ? token.substring(0, token.indexOf('|')) : "";
  }

  private String basicUser(String header) {
    String[] pair =
        header.startsWith("Basic ")
            ? decoded(header.substring(6)).split(":", 2)
            : new String[] {""};
    return pair.length == 2 && pair[1].equals(passwords.get(pair[0])) ? pair[0] : "";
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    FaultyRegistry.send(
        exchange, status, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }
}
