package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins.Login;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.oci.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Gets Authorization headers: Basic, or Bearer tokens from the realm that a challenge names (Docker
 * Registry Token Authentication). Tokens are kept per registry and repository until they expire or
 * a person logs in or out; one thread fetches, the others wait. Thread-safe.
 */
final class Authorizer {
  /** Asks for nothing but to be known: the token is for no repository. */
  static final String NO_REPOSITORY = "";

  private static final int ANSWER_LIMIT = 64 << 10;
  private static final int TOKEN_LENGTH_LIMIT = 15_000; // it must fit into a header line
  private static final int DEFAULT_LIFE_SECONDS = 60;
  private static final int LIFE_LIMIT_SECONDS = 3600;
  private static final int KEPT_LIMIT = 64;
  private static final String OFFLINE = "&client_id=jcompose&offline_token=true";

  private final HttpTransport transport;
  private final LoginSource logins;
  private final Map<String, Header> headers = new ConcurrentHashMap<>();
  private final KeyedLock<String> locks = new KeyedLock<>();
  private volatile String identityToken = "";

  Authorizer(HttpTransport transport, LoginSource logins) {
    this.transport = transport;
    this.logins = logins;
  }

  /**
   * A header.
   *
   * @param state of the credentials when it was got
   */
  private record Header(String value, Instant expires, String state) {}

  /** The header known for a repository, or null. */
  @Nullable String known(Endpoint endpoint, String repository) {
    Header header = headers.get(key(endpoint, repository));
    return header == null || !isGood(header) ? null : header.value;
  }

  private boolean isGood(Header header) {
    return Instant.now().isBefore(header.expires) && header.state.equals(logins.state());
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
    try {
      return locks.interruptibly(
          key(endpoint, repository),
          () -> better(endpoint, repository, sent, AuthChallenge.parse(challengeLines)));
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    } catch (Exception e) {
      throw new JcomposeException.Internal("failed to get a login's header", e);
    }
  }

  private @Nullable String better(
      Endpoint endpoint, String repository, @Nullable String sent, List<AuthChallenge> challenges)
      throws IOException {
    String known = known(endpoint, repository);
    if (known != null && !known.equals(sent)) {
      return known;
    }
    headers.remove(key(endpoint, repository));
    Header header = ask(endpoint, repository, challenges);
    if (header == null || header.value.equals(sent)) {
      return null;
    }
    if (headers.size() >= KEPT_LIMIT) {
      headers.values().removeIf(kept -> !isGood(kept));
    }
    if (headers.size() < KEPT_LIMIT) {
      headers.put(key(endpoint, repository), header);
    }
    return header.value;
  }

  private @Nullable Header ask(Endpoint endpoint, String repository, List<AuthChallenge> challenges)
      throws IOException {
    String state = logins.state();
    Optional<Login> login = logins.find(endpoint.credentialKey());
    for (AuthChallenge challenge : challenges) {
      if (challenge.scheme().equals("bearer")) {
        URI realm = realm(endpoint, challenge.parameter("realm"));
        HttpTransport.Request request = request(endpoint, repository, challenge, realm, login);
        return token(request, Location.host(realm), state);
      }
    }
    boolean basic = challenges.stream().anyMatch(c -> c.scheme().equals("basic"));
    return basic && login.isPresent() && !login.get().isIdentityToken()
        ? new Header(basic(login.get()), Instant.now().plusSeconds(LIFE_LIMIT_SECONDS), state)
        : null;
  }

  /** A registry without TLS may name any realm; the login goes there only to who is verified. */
  private static HttpTransport.Request request(
      Endpoint endpoint,
      String repository,
      AuthChallenge challenge,
      URI realm,
      Optional<Login> known)
      throws IOException {
    boolean own = Location.host(realm).equals(Location.host(endpoint.base()));
    boolean verify = endpoint.verifyTls() || !own;
    Optional<Login> login = known.filter(l -> own || Location.isTls(realm));
    boolean check = repository.equals(NO_REPOSITORY);
    if (check && login.isEmpty()) {
      throw new IOException("refusing to send a login without TLS to " + Location.host(realm));
    }
    String query =
        "service="
            + encode(challenge.parameter("service"))
            + (check ? OFFLINE : "&scope=" + encode(scope(challenge, repository)));
    if (login.isPresent() && login.get().isIdentityToken()) {
      String form =
          "grant_type=refresh_token&client_id=jcompose&refresh_token="
              + encode(login.get().secret())
              + "&"
              + query;
      return new HttpTransport.Request(
          "POST",
          realm,
          Map.of("Content-Type", "application/x-www-form-urlencoded"),
          form.getBytes(StandardCharsets.US_ASCII),
          verify);
    }
    Map<String, String> basic =
        login.isPresent() ? Map.of("Authorization", basic(login.get())) : Map.of();
    URI url = Location.of(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
    return HttpTransport.Request.of("GET", url, basic, verify);
  }

  private static String scope(AuthChallenge challenge, String repository) {
    String scope = challenge.parameter("scope");
    return scope.isEmpty() ? "repository:" + repository + ":pull" : scope;
  }

  static String basic(Login login) {
    byte[] pair = (login.user() + ":" + login.secret()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /** What a token service gave for the login, to be shown in its place; empty for none. */
  String identityToken() {
    return identityToken;
  }

  private Header token(HttpTransport.Request request, String service, String state)
      throws IOException {
    try (HttpResponse response = transport.send(request)) {
      byte[] body = response.read(ANSWER_LIMIT);
      if (response.status() == 401 || response.status() == 403) {
        throw new AccessDenied("the token service " + service + " refused the login");
      }
      if (response.status() != 200) {
        throw new IOException("token service " + service + " answered " + response.status());
      }
      JsonNode answer = Json.foreign(body, "answer of the token service");
      String token = answer.path("token").asText(answer.path("access_token").asText(""));
      if (token.isEmpty() || token.length() > TOKEN_LENGTH_LIMIT) {
        throw new IOException("token service " + service + " gave no token that can be used");
      }
      String refresh = answer.path("refresh_token").asText("");
      identityToken = refresh.length() > TOKEN_LENGTH_LIMIT ? "" : refresh;
      int life = Math.max(DEFAULT_LIFE_SECONDS, answer.path("expires_in").asInt(0));
      Instant end = Instant.now().plusSeconds(Math.min(LIFE_LIMIT_SECONDS, life) - 10L);
      return new Header("Bearer " + token, end, state);
    } catch (JcomposeException.Corrupt e) {
      throw new IOException(e.getMessage(), e);
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
    URI realm;
    try {
      realm = Location.of(text);
    } catch (IOException e) {
      throw new IOException("invalid token realm from " + endpoint, e);
    }
    if (!Location.isTls(realm) && endpoint.verifyTls() && Location.isTls(endpoint.base())) {
      throw new IOException("refusing to ask for a token without TLS at " + Location.host(realm));
    }
    return realm;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String key(Endpoint endpoint, String repository) {
    return endpoint.base() + " " + repository;
  }
}
