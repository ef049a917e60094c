package io.jcompose.registry.access;

import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets users do everything, and read-only tokens read. Where everybody may read, clients are asked
 * for tokens of a minute or so, which nobody's login gives as well (the Docker registry's token
 * authentication): without a login they could not tell reading from writing. Thread-safe.
 */
public final class LoginGate implements Gate {
  private static final Logger LOG = LoggerFactory.getLogger(LoginGate.class);
  private static final String REALM = "jcompose registry";
  private static final String NOBODY = "";
  private static final Duration TOKEN_LIFE = Duration.ofMinutes(5);
  private static final long LOGIN_LIFE_NANOS = Duration.ofMinutes(5).toNanos();
  private static final int MOST_LOGINS = 1000;
  private static final int MOST_CHECKS = 2;
  private static final long WAIT_SECONDS = 10;
  private static final int KEY_BYTES = 32;

  private final Accounts accounts;
  private final boolean open;
  private final List<String> names;
  private final boolean everybodyReads;
  private final byte[] key = new byte[KEY_BYTES];
  private final Semaphore checks = new Semaphore(MOST_CHECKS, true);
  private final Map<String, Known> known = new LinkedHashMap<>(); // guarded by itself
  private Object state; // of the accounts when the logins were known; guarded by known

  /** What a login may do, and until when it is believed. */
  private record Known(Login login, long untilNanos) {}

  /** Who it is, and may what. */
  record Login(String name, Right right) {}

  /**
   * @param open without any user everybody may do everything
   * @param names of this host, beside those of loopback
   * @param everybodyReads without a login
   */
  public LoginGate(Accounts accounts, boolean open, List<String> names, boolean everybodyReads) {
    this.accounts = accounts;
    this.open = open;
    this.names = List.copyOf(names);
    this.everybodyReads = everybodyReads;
    new SecureRandom().nextBytes(key);
    this.state = accounts.state();
  }

  @Override
  public void require(Exchange exchange, Right right) {
    if (open && accounts.isEmpty()) {
      requireThisHost(exchange);
      return;
    }
    String header = exchange.header("Authorization").orElse("");
    boolean isPing = exchange.path().equals("/v2/") || exchange.path().equals("/v2");
    if (header.isEmpty()) {
      if (right != Right.PULL || !everybodyReads || isPing) {
        throw unauthorized(exchange, "authentication required");
      }
      return;
    }
    Login login = login(exchange, header);
    if (right == Right.PUSH && login.right != Right.PUSH) {
      throw login.name.equals(NOBODY)
          ? unauthorized(exchange, "authentication required")
          : new Refusal(ErrorCode.DENIED, "requested access to the resource is denied");
    }
  }

  /** A name that somebody else gives this host's address would make a browser one of us. */
  private void requireThisHost(Exchange exchange) {
    String host = exchange.host().replaceFirst(":[0-9]+$", "");
    boolean own =
        host.equals("localhost")
            || host.matches("127(\\.[0-9]{1,3}){3}")
            || host.equals("[::1]")
            || names.contains(host);
    if (!own) {
      throw new Refusal(
          ErrorCode.DENIED, "without users it is served as localhost, 127.0.0.1 and [::1] only");
    }
  }

  private Login login(Exchange exchange, String header) {
    if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return bearer(header.substring(7).strip())
          .orElseThrow(() -> unauthorized(exchange, "the token is wrong or has expired"));
    }
    return basic(header).orElseThrow(() -> unauthorized(exchange, "the login is wrong"));
  }

  /** A login by name and password, or by a token in the place of the password. */
  Optional<Login> basic(String header) {
    String text = header.regionMatches(true, 0, "Basic ", 0, 6) ? decoded(header.substring(6)) : "";
    int colon = text.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String secret = text.substring(colon + 1);
    Optional<String> token = accounts.token(secret);
    if (token.isPresent()) {
      return Optional.of(new Login(token.get(), Right.PULL));
    }
    String name = text.substring(0, colon);
    String hash = Secrets.hmac(key, text);
    Login before = find(hash);
    if (before != null) {
      return Optional.of(before);
    }
    Object asked = accounts.state();
    if (!isUser(name, secret)) {
      LOG.info("a login to the registry as {} was refused", name.replaceAll("[^\\w.@-]", "?"));
      return Optional.empty();
    }
    Login login = new Login(name, Right.PUSH);
    remember(hash, login, asked);
    return Optional.of(login);
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** Two at a time: who guesses shall not have all processors. */
  private boolean isUser(String name, String secret) {
    try {
      if (!checks.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new Refusal(
            ErrorCode.TOOMANYREQUESTS,
            ErrorCode.TOOMANYREQUESTS.status(),
            "too many logins at once",
            Map.of("Retry-After", "10"),
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    try {
      return accounts.isUser(name, secret);
    } finally {
      checks.release();
    }
  }

  private @Nullable Login find(String hash) {
    synchronized (known) {
      if (!accounts.state().equals(state)) {
        known.clear();
        state = accounts.state();
      }
      Known one = known.get(hash);
      return one != null && one.untilNanos - System.nanoTime() > 0 ? one.login : null;
    }
  }

  private void remember(String hash, Login login, Object asked) {
    synchronized (known) {
      if (!asked.equals(state) || !asked.equals(accounts.state())) {
        return; // it may be of a user who is no more
      }
      known.remove(hash);
      known.put(hash, new Known(login, System.nanoTime() + LOGIN_LIFE_NANOS));
      if (known.size() > MOST_LOGINS) {
        known.remove(known.keySet().iterator().next());
      }
    }
  }

  private Refusal unauthorized(Exchange exchange, String message) {
    String challenge =
        everybodyReads
            ? "Bearer realm=\"%s://%s/token\",service=\"%s\""
                .formatted(exchange.isSecure() ? "https" : "http", host(exchange), REALM)
            : "Basic realm=\"" + REALM + "\"";
    return new Refusal(
        ErrorCode.UNAUTHORIZED, 401, message, Map.of("WWW-Authenticate", challenge), null);
  }

  /** What a client says of us goes into a header, so that it must be a host. */
  private static String host(Exchange exchange) {
    return exchange.host().matches("[A-Za-z0-9.:\\[\\]-]{1,300}") ? exchange.host() : "localhost";
  }

  /** True for a request for a token. */
  public boolean isTokens(Exchange exchange) {
    return everybodyReads && exchange.path().equals("/token") && exchange.method().equals("GET");
  }

  /** A token of some minutes for a login, or nobody's; throws for a wrong login. */
  public Map<String, Object> issue(Exchange exchange) {
    Optional<String> header = exchange.header("Authorization");
    Login login =
        header.isEmpty()
            ? new Login(NOBODY, Right.PULL)
            : basic(header.get())
                .orElseThrow(() -> new Refusal(ErrorCode.UNAUTHORIZED, "the login is wrong"));
    long until = System.currentTimeMillis() / 1000 + TOKEN_LIFE.toSeconds();
    String content =
        until + "." + login.right + "." + hex(login.name) + "." + accounts.state().hashCode();
    String token = content + "." + Secrets.hmac(key, content);
    return Map.of("token", token, "access_token", token, "expires_in", TOKEN_LIFE.toSeconds());
  }

  private static String hex(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Optional<Login> bearer(String token) {
    Optional<String> readOnly = accounts.token(token);
    if (readOnly.isPresent()) {
      return Optional.of(new Login(readOnly.get(), Right.PULL));
    }
    int dot = token.lastIndexOf('.');
    if (dot < 0
        || !Secrets.isSame(Secrets.hmac(key, token.substring(0, dot)), token.substring(dot + 1))) {
      return Optional.empty();
    }
    String[] parts = token.split("\\.", -1);
    boolean good =
        Long.parseLong(parts[0]) > System.currentTimeMillis() / 1000
            && parts[3].equals(String.valueOf(accounts.state().hashCode()));
    String name = new String(Base64.getUrlDecoder().decode(parts[2]), StandardCharsets.UTF_8);
    return good ? Optional.of(new Login(name, Right.valueOf(parts[1]))) : Optional.empty();
  }
}
