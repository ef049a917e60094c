package io.jcompose.images.registry;

import static java.util.stream.Collectors.joining;

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
  /**
   * What is asked for.
   *
   * @param repository empty asks for nothing but to be known: the token is for no repository
   * @param isPush writing too
   * @param from another repository of the registry that is read in the same request; or empty
   */
  record Scope(String repository, boolean isPush, String from) {
    static Scope pull(String repository) {
      return new Scope(repository, false, "");
    }

    static Scope push(String repository, String from) {
      return new Scope(repository, true, from);
    }

    private String key(Endpoint endpoint) {
      return endpoint.base() + " " + repository + (isPush ? " push " : "") + from;
    }

    /** A challenge may ask for less: for a question before the first thing is written. */
    private List<String> words(AuthChallenge challenge) {
      String asked = challenge.parameter("scope");
      String own = "repository:" + repository + (isPush ? ":pull,push" : ":pull");
      if (!isPush && !asked.isEmpty()) {
        return List.of(asked);
      }
      return from.isEmpty() ? List.of(own) : List.of(own, "repository:" + from + ":pull");
    }
  }

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

  /** The header known for a scope, or null. */
  @Nullable String known(Endpoint endpoint, Scope scope) {
    Header header = headers.get(scope.key(endpoint));
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
      Endpoint endpoint, Scope scope, @Nullable String sent, List<String> challengeLines)
      throws IOException {
    try {
      return locks.interruptibly(
          scope.key(endpoint),
          () -> better(endpoint, scope, sent, AuthChallenge.parse(challengeLines)));
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("it was given up");
    } catch (Exception e) {
      throw new JcomposeException.Internal("failed to get a login's header", e);
    }
  }

  private @Nullable String better(
      Endpoint endpoint, Scope scope, @Nullable String sent, List<AuthChallenge> challenges)
      throws IOException {
    String known = known(endpoint, scope);
    if (known != null && !known.equals(sent)) {
      return known;
    }
    headers.remove(scope.key(endpoint));
    Header header = ask(endpoint, scope, challenges);
    if (header == null || header.value.equals(sent)) {
      return null;
    }
    if (headers.size() >= KEPT_LIMIT) {
      headers.values().removeIf(kept -> !isGood(kept));
    }
    if (headers.size() < KEPT_LIMIT) {
      headers.put(scope.key(endpoint), header);
    }
    return header.value;
  }

  private @Nullable Header ask(Endpoint endpoint, Scope scope, List<AuthChallenge> challenges)
      throws IOException {
    String state = logins.state();
    Optional<Login> login = logins.find(endpoint.credentialKey());
    for (AuthChallenge challenge : challenges) {
      if (challenge.scheme().equals("bearer")) {
        URI realm = realm(endpoint, challenge.parameter("realm"));
        HttpTransport.Request request = request(endpoint, scope, challenge, realm, login);
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
      Endpoint endpoint, Scope scope, AuthChallenge challenge, URI realm, Optional<Login> known)
      throws IOException {
    boolean own = Location.host(realm).equals(Location.host(endpoint.base()));
    boolean verify = endpoint.verifyTls() || !own;
    Optional<Login> login = known.filter(l -> own || Location.isTls(realm));
    boolean check = scope.repository.isEmpty();
    if (check && login.isEmpty()) {
      throw new IOException("refusing to send a login without TLS to " + Location.host(realm));
    }
    String query = "service=" + encode(challenge.parameter("service")) + (check ? OFFLINE : "");
    List<String> words = check ? List.of() : scope.words(challenge);
    if (login.isPresent() && login.get().isIdentityToken()) {
      String form =
          "grant_type=refresh_token&client_id=jcompose&refresh_token="
              + encode(login.get().secret())
              + "&"
              + query
              + (check ? "" : "&scope=" + encode(String.join(" ", words)));
      return new HttpTransport.Request(
          "POST",
          realm,
          Map.of("Content-Type", "application/x-www-form-urlencoded"),
          HttpTransport.Content.of(form.getBytes(StandardCharsets.US_ASCII)),
          verify,
          false);
    }
    Map<String, String> basic =
        login.isPresent() ? Map.of("Authorization", basic(login.get())) : Map.of();
    String scopes = words.stream().map(word -> "&scope=" + encode(word)).collect(joining());
    URI url = Location.of(realm + (realm.getRawQuery() == null ? "?" : "&") + query + scopes);
    return HttpTransport.Request.of("GET", url, basic, verify);
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
}
