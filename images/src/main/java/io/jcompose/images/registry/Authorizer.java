package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.images.oci.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gets Authorization headers: Basic, or Bearer tokens from the realm that a challenge names (Docker
 * Registry Token Authentication). Tokens are kept per registry and repository until they expire;
 * one thread fetches, the others wait. Thread-safe.
 */
final class Authorizer {
  private static final int TOKEN_LIMIT = 1 << 20;
  private static final int DEFAULT_LIFE_SECONDS = 60;

  private final HttpTransport transport;
  private final Credentials credentials;
  private final Map<String, Header> headers = new ConcurrentHashMap<>();
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  Authorizer(HttpTransport transport, Credentials credentials) {
    this.transport = transport;
    this.credentials = credentials;
  }

  private record Header(String value, Instant expires) {}

  /** The header known for a repository, or null. */
  @Nullable String known(Endpoint endpoint, String repository) {
    Header header = headers.get(key(endpoint, repository));
    return header == null || Instant.now().isAfter(header.expires) ? null : header.value;
  }

  /**
   * Answers a 401.
   *
   * @param sent what the refused request carried, or null
   * @return another header to try, or null when there is nothing to offer
   */
  @Nullable String answer(
      Endpoint endpoint, String repository, @Nullable String sent, List<String> challengeLines)
      throws IOException {
    ReentrantLock lock = locks.computeIfAbsent(key(endpoint, repository), k -> new ReentrantLock());
    lock.lock();
    try {
      String known = known(endpoint, repository);
      if (known != null && !known.equals(sent)) {
        return known;
      }
      headers.remove(key(endpoint, repository));
      Header header = ask(endpoint, repository, AuthChallenge.parse(challengeLines));
      if (header == null || header.value.equals(sent)) {
        return null;
      }
      headers.put(key(endpoint, repository), header);
      return header.value;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Header ask(Endpoint endpoint, String repository, List<AuthChallenge> challenges)
      throws IOException {
    Optional<Credentials.Login> login = credentials.find(endpoint.credentialKey());
    for (AuthChallenge challenge : challenges) {
      if (challenge.scheme().equals("bearer")) {
        return token(endpoint, repository, challenge, login);
      }
    }
    boolean basic = challenges.stream().anyMatch(c -> c.scheme().equals("basic"));
    return basic && login.isPresent() && !login.get().isIdentityToken()
        ? new Header(login.get().basic(), Instant.now().plus(Duration.ofHours(1)))
        : null;
  }

  private Header token(
      Endpoint endpoint,
      String repository,
      AuthChallenge challenge,
      Optional<Credentials.Login> login)
      throws IOException {
    URI realm = realm(endpoint, challenge.parameter("realm"));
    String scope = challenge.parameter("scope");
    String query =
        "service="
            + encode(challenge.parameter("service"))
            + "&scope="
            + encode(scope.isEmpty() ? "repository:" + repository + ":pull" : scope);
    HttpTransport.Request request;
    if (login.isPresent() && login.get().isIdentityToken()) {
      String form =
          "grant_type=refresh_token&client_id=jcompose&refresh_token="
              + encode(login.get().secret())
              + "&"
              + query;
      request =
          new HttpTransport.Request(
              "POST",
              realm,
              Map.of("Content-Type", "application/x-www-form-urlencoded"),
              form.getBytes(StandardCharsets.US_ASCII),
              endpoint.verifyTls());
    } else {
      Map<String, String> basic =
          login.isPresent() ? Map.of("Authorization", login.get().basic()) : Map.of();
      URI url = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
      request = HttpTransport.Request.of("GET", url, basic, endpoint.verifyTls());
    }
    try (HttpResponse response = transport.send(request)) {
      byte[] body = response.read(TOKEN_LIMIT);
      if (response.status() == 401 || response.status() == 403) {
        throw new AccessDenied("the token service " + realm.getHost() + " refused the login");
      }
      if (response.status() != 200) {
        throw new IOException(
            "token service " + realm.getHost() + " answered " + response.status());
      }
      JsonNode answer = Json.parse(body, "answer of the token service");
      String token = answer.path("token").asText(answer.path("access_token").asText(""));
      if (token.isEmpty()) {
        throw new IOException("token service " + realm.getHost() + " gave no token");
      }
      int life = Math.max(DEFAULT_LIFE_SECONDS, answer.path("expires_in").asInt(0));
      return new Header("Bearer " + token, Instant.now().plusSeconds(life - 10L));
    }
  }

  /** The login was refused; trying again is of no use. */
  static final class AccessDenied extends IOException {
    private static final long serialVersionUID = 1L;

    AccessDenied(String message) {
      super(message);
    }
  }

  private static URI realm(Endpoint endpoint, String text) throws IOException {
    try {
      URI realm = URI.create(text);
      boolean plain = "http".equals(realm.getScheme());
      if (realm.getHost() != null && (plain || "https".equals(realm.getScheme()))) {
        if (plain && endpoint.verifyTls() && "https".equals(endpoint.base().getScheme())) {
          throw new IOException("refusing to ask for a token without TLS at " + realm);
        }
        return realm;
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("invalid token realm from " + endpoint, e);
    }
    throw new IOException("invalid token realm from " + endpoint);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String key(Endpoint endpoint, String repository) {
    return endpoint.base() + " " + repository;
  }
}
