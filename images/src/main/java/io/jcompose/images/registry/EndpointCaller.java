package io.jcompose.images.registry;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import io.jcompose.images.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request out at one endpoint: with authorization, redirects, and attempts with growing
 * pauses where another attempt may help. Thread-safe.
 */
final class EndpointCaller {
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long PAUSE_LIMIT_MILLIS = 60_000;
  private static final int REDIRECT_LIMIT = 5;
  private static final int ERROR_BODY_LIMIT = 8192;

  private final HttpTransport transport;
  private final Authorizer authorizer;

  EndpointCaller(HttpTransport transport, Authorizer authorizer) {
    this.transport = transport;
    this.authorizer = authorizer;
  }

  /**
   * One request.
   *
   * @param place a path below the endpoint's {@code /v2/}, or an absolute address that it named
   * @param isPatient as {@link HttpTransport.Request} has it
   */
  record Call(
      Authorizer.Scope scope,
      String method,
      String place,
      Map<String, String> headers,
      HttpTransport.Content content,
      boolean isPatient) {
    Call(String repository, String method, String path, Map<String, String> headers) {
      this(
          Authorizer.Scope.pull(repository),
          method,
          path,
          headers,
          HttpTransport.Content.NONE,
          false);
    }

    private URI url(Endpoint endpoint) throws IOException {
      return place.startsWith("http") && place.contains("://")
          ? target(endpoint.base(), place, endpoint.verifyTls())
          : endpoint.url(place);
    }

    private boolean reads() {
      return method.equals("GET") || method.equals("HEAD");
    }
  }

  /** An answer of status 2xx, or 416 to a range that is not there. */
  HttpResponse call(Endpoint endpoint, Call call, int attempts) throws RegistryFailure {
    RegistryFailure failure = new RegistryFailure(Kind.UNREACHABLE, "not tried");
    for (int attempt = 0; attempt < attempts; attempt++) {
      long pause = FIRST_PAUSE_MILLIS << (2 * attempt);
      try {
        HttpResponse response = authorized(endpoint, call);
        int status = response.status();
        if (status / 100 == 2 || status == 416) {
          return response;
        }
        try (response) {
          failure = failure(call, response);
          pause = Math.max(pause, retryAfterMillis(response.header("Retry-After")));
        }
      } catch (Authorizer.AccessDenied e) {
        failure = new RegistryFailure(Kind.DENIED, String.valueOf(e.getMessage()));
      } catch (Tls.Untrusted e) {
        failure = new RegistryFailure(Kind.UNTRUSTED, String.valueOf(e.getMessage()));
      } catch (IOException e) {
        failure = new RegistryFailure(Kind.UNREACHABLE, reason(e));
        if (e instanceof UnknownHostException && attempt > 0) {
          throw failure;
        }
      }
      if (!failure.kind().mayPass()) {
        throw failure;
      }
      if (attempt + 1 < attempts) {
        pause(Math.min(PAUSE_LIMIT_MILLIS, pause));
      }
    }
    throw failure;
  }

  private HttpResponse authorized(Endpoint endpoint, Call call) throws IOException {
    String header = authorizer.known(endpoint, call.scope);
    HttpResponse response = redirected(endpoint, call, header);
    if (response.status() != 401) {
      return response;
    }
    String better =
        authorizer.answer(endpoint, call.scope, header, response.headers("WWW-Authenticate"));
    if (better == null) {
      return response;
    }
    response.read(ERROR_BODY_LIMIT);
    response.close();
    return redirected(endpoint, call, better);
  }

  private HttpResponse redirected(Endpoint endpoint, Call call, @Nullable String authorization)
      throws IOException {
    URI start = endpoint.base();
    URI url = call.url(endpoint);
    boolean startsInside = false;
    for (int hop = 0; hop <= REDIRECT_LIMIT; hop++) {
      Map<String, String> all = new HashMap<>(call.headers);
      // Whoever the registry sends us to shall not see the login.
      if (authorization != null && sameOrigin(start, url)) {
        all.put("Authorization", authorization);
      }
      boolean verify = endpoint.verifyTls() || !sameOrigin(start, url);
      HttpResponse response =
          transport.send(
              new HttpTransport.Request(
                  call.method, url, all, call.content, verify, call.isPatient));
      startsInside |= hop == 0 && response.isFromInside();
      if (response.isFromInside() && !startsInside) {
        response.close();
        throw new IOException(
            "refusing a redirect into an internal network, to " + Location.host(url));
      }
      String location = response.header("Location");
      if (response.status() / 100 != 3 || location == null || !call.content.mayRepeat()) {
        checkChallenge(start, url, response);
        return response;
      }
      response.read(ERROR_BODY_LIMIT);
      response.close();
      url = target(url, location, endpoint.verifyTls());
    }
    throw new IOException("more than " + REDIRECT_LIMIT + " redirects");
  }

  /**
   * Whoever the registry sends us to may not say either where the login is to be shown: its
   * challenge would name a realm of its own.
   */
  private static void checkChallenge(URI start, URI url, HttpResponse response)
      throws Authorizer.AccessDenied {
    if (response.status() == 401 && !sameOrigin(start, url)) {
      response.close();
      throw new Authorizer.AccessDenied(
          "unauthorized: "
              + Location.host(url)
              + ", where the registry sends us, wants a login; none is shown to it");
    }
  }

  private static URI target(URI from, String location, boolean verifyTls) throws IOException {
    URI target;
    try {
      target = Location.of(from, location);
    } catch (IOException e) {
      throw new IOException("redirect to " + e.getMessage(), e);
    }
    if (!Location.isTls(target) && verifyTls && Location.isTls(from)) {
      throw new IOException("refusing a redirect from HTTPS to HTTP at " + Location.host(target));
    }
    return target;
  }

  static boolean sameOrigin(URI one, URI other) {
    return Location.isTls(one) == Location.isTls(other)
        && Location.host(one).equals(Location.host(other))
        && Location.port(one) == Location.port(other);
  }

  private static RegistryFailure failure(Call call, HttpResponse response) throws IOException {
    int status = response.status();
    String message = message(response.read(ERROR_BODY_LIMIT));
    String text = "HTTP " + status + (message.isEmpty() ? "" : " " + message);
    return switch (status) {
      case 401 ->
          new RegistryFailure(
              Kind.DENIED,
              message.isEmpty() ? "no basic auth credentials" : "unauthorized: " + message);
      case 403 ->
          new RegistryFailure(
              Kind.DENIED,
              "denied: "
                  + (message.isEmpty() ? "requested access to the resource is denied" : message));
      case 404 -> new RegistryFailure(Kind.NOT_FOUND, message.isEmpty() ? text : message);
      case 429 -> new RegistryFailure(Kind.LIMITED, message.isEmpty() ? text : message);
      default ->
          new RegistryFailure(
              call.reads() || status >= 500 || status == 408 ? Kind.UNREACHABLE : Kind.REFUSED,
              text);
    };
  }

  private static String message(byte[] body) {
    if (body.length == 0 || body[0] != '{') {
      return "";
    }
    try {
      String message =
          Json.foreign(body, "error").path("errors").path(0).path("message").asText("");
      return Json.shown(message);
    } catch (JcomposeException.Corrupt e) {
      return "";
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case UnknownHostException u -> "unknown host " + u.getMessage();
      case SocketTimeoutException t -> "no answer in time";
      case ConnectException c -> "connection refused";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** Retry-After's seconds or date as milliseconds from now; 0 for none. */
  static long retryAfterMillis(@Nullable String value) {
    if (value == null) {
      return 0;
    }
    if (value.matches("\\d{1,6}")) {
      return Long.parseLong(value) * 1000;
    }
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
      return Math.max(0, Duration.between(Instant.now(), then).toMillis());
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("it was given up");
    }
  }
}
