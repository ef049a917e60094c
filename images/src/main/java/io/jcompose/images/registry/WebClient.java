package io.jcompose.images.registry;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.net.URI;
import java.util.Map;

/**
 * Fetches files of any web server by the way of registries: the host's certificates and proxies, a
 * few redirects, and limits on how long a peer may be silent. Thread-safe.
 */
public final class WebClient {
  private static final int REDIRECT_LIMIT = 10;
  private static final int FOUND = 200;
  private static final int NOT_FOUND = 404;

  private final HttpTransport transport;

  WebClient(HttpTransport transport) {
    this.transport = transport;
  }

  /**
   * Asks for a file.
   *
   * @param url http or https, without a login
   * @param goesOn run before each server is asked; throws where nobody waits any more
   * @return the server's answer with it; the caller closes it
   * @throws JcomposeException.InvalidArgument for what is no such address
   * @throws JcomposeException.NotFound when the server has none
   * @throws JcomposeException.Unavailable for another answer, or none
   */
  public HttpResponse get(String url, Runnable goesOn) {
    try {
      return found(url, followed(Location.of(url), goesOn));
    } catch (IOException e) {
      throw new JcomposeException.Unavailable("failed to fetch " + url + ": " + e.getMessage(), e);
    }
  }

  private HttpResponse followed(URI start, Runnable goesOn) throws IOException {
    URI url = start;
    for (int hop = 0; hop <= REDIRECT_LIMIT; hop++) {
      goesOn.run();
      if (String.valueOf(url.getRawAuthority()).contains("@")) {
        throw new JcomposeException.InvalidArgument(
            "an address with a login is not fetched: it would be in the image's history");
      }
      HttpResponse response = transport.send(HttpTransport.Request.of("GET", url, Map.of(), true));
      String location = response.header("Location");
      if (response.status() / 100 != 3 || location == null) {
        return response;
      }
      response.abort();
      URI next = Location.of(url, location);
      if (Location.isTls(url) && !Location.isTls(next)) {
        throw new IOException("it leads from https to http: " + next);
      }
      url = next;
    }
    throw new IOException("more than " + REDIRECT_LIMIT + " redirects");
  }

  private static HttpResponse found(String url, HttpResponse response) {
    int status = response.status();
    if (status == FOUND) {
      return response;
    }
    response.abort();
    String message = "failed to fetch " + url + ": invalid response status " + status;
    throw status == NOT_FOUND
        ? new JcomposeException.NotFound(message)
        : new JcomposeException.Unavailable(message);
  }
}
