package io.jcompose.images.registry;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads images from registries, their mirrors first. Each endpoint is tried several times with
 * growing pauses, then the next. Thread-safe; blocks.
 */
public final class RegistryClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryClient.class);
  private static final int DOCUMENT_LIMIT = 8 << 20;
  private static final String ACCEPT =
      "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.docker.distribution.manifest.v2+json";
  private static final int ATTEMPTS = 4;
  private static final int MIRROR_ATTEMPTS = 2;
  private static final int PING_BODY_LIMIT = 500;

  private final RegistryConfig config;
  private final HttpTransport transport;
  private final EndpointCaller caller;
  private final Map<String, URI> insecureBases = new ConcurrentHashMap<>();

  public RegistryClient(RegistryConfig config) {
    this.config = config;
    this.transport = new HttpTransport(config);
    this.caller =
        new EndpointCaller(
            transport, new Authorizer(transport, new Credentials(config.dockerConfig())));
  }

  /**
   * A manifest or index.
   *
   * @param descriptor its digest; the size is 0 when the registry did not tell
   * @param body null when only its digest was asked for
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Document(Descriptor descriptor, byte @Nullable [] body) {}

  /** Finds out a reference's present digest without fetching, where the registry tells. */
  public Document resolve(ImageReference reference) {
    String path = reference.path() + "/manifests/" + reference.manifestReference();
    try (HttpResponse response = send(reference, "HEAD", path, Map.of("Accept", ACCEPT))) {
      String digest = response.header("Docker-Content-Digest");
      String type = response.header("Content-Type");
      if (digest != null && type != null) {
        return new Document(new Descriptor(type, parse(digest), 0), null);
      }
    }
    return fetch(reference, path);
  }

  /** Fetches a manifest or index by digest; its content is not verified here. */
  public Document manifest(ImageReference reference, Digest digest) {
    return fetch(reference, reference.path() + "/manifests/" + digest);
  }

  /**
   * Opens a blob from a byte on; 206 when the registry begins there, 200 when it begins at 0. The
   * caller closes the answer.
   */
  public HttpResponse blob(ImageReference reference, Digest digest, long offset) {
    Map<String, String> range = offset > 0 ? Map.of("Range", "bytes=" + offset + "-") : Map.of();
    return send(reference, "GET", reference.path() + "/blobs/" + digest, range);
  }

  @Override
  public void close() {
    transport.close();
  }

  private Document fetch(ImageReference reference, String path) {
    try (HttpResponse response = send(reference, "GET", path, Map.of("Accept", ACCEPT))) {
      byte[] body = response.read(DOCUMENT_LIMIT + 1);
      if (body.length > DOCUMENT_LIMIT) {
        throw new JcomposeException.Corrupt(
            "manifest of " + reference.familiar() + " is larger than " + DOCUMENT_LIMIT + " bytes");
      }
      String type = response.header("Content-Type");
      Digest digest = Digest.sha256(Sha256.of(body));
      return new Document(new Descriptor(type == null ? "" : type, digest, body.length), body);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to read the manifest of " + reference.familiar() + ": " + e.getMessage(), e);
    }
  }

  private static Digest parse(String digest) {
    try {
      return Digest.parse(digest);
    } catch (JcomposeException.InvalidArgument e) {
      throw new JcomposeException.Corrupt("the registry named an invalid digest", e);
    }
  }

  private HttpResponse send(
      ImageReference reference, String method, String path, Map<String, String> headers) {
    Map<Endpoint, RegistryFailure> failures = new LinkedHashMap<>();
    for (Endpoint endpoint : endpoints(reference.domain())) {
      try {
        return caller.call(endpoint, reference.path(), method, path, headers);
      } catch (RegistryFailure e) {
        failures.put(endpoint, e);
      }
    }
    throw error(reference, failures);
  }

  private List<Endpoint> endpoints(String domain) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (URI mirror : config.mirrors().getOrDefault(domain, List.of())) {
      endpoints.add(
          new Endpoint(
              mirror, mirror.getRawAuthority(), !isInsecure(mirror), true, MIRROR_ATTEMPTS));
    }
    String host = domain.equals("docker.io") ? "registry-1.docker.io" : domain;
    URI secure = URI.create("https://" + host);
    URI base = isInsecure(secure) ? insecureBase(host) : secure;
    endpoints.add(new Endpoint(base, domain, !isInsecure(secure), false, ATTEMPTS));
    return endpoints;
  }

  private boolean isInsecure(URI url) {
    String host = HttpTransport.host(url);
    return HostRanges.isLoopback(host)
        || config.insecure().stream()
            .anyMatch(
                entry ->
                    entry.equals(url.getRawAuthority())
                        || entry.equals(host)
                        || HostRanges.contains(entry, host));
  }

  // Asks without credentials whether an insecure registry speaks plain HTTP, because that answer
  // comes at once and without loading TLS.
  private URI insecureBase(String host) {
    URI known = insecureBases.get(host);
    if (known != null) {
      return known;
    }
    URI plain = URI.create("http://" + host);
    URI secure = URI.create("https://" + host);
    for (URI base : plain.getPort() < 0 ? List.of(secure, plain) : List.of(plain, secure)) {
      HttpTransport.Request ping =
          HttpTransport.Request.of("GET", URI.create(base + "/v2/"), Map.of(), false);
      try (HttpResponse response = transport.send(ping)) {
        response.read(PING_BODY_LIMIT);
        // Go's TLS servers answer plain requests with 400.
        if (response.status() != 400) {
          insecureBases.put(host, base);
          return base;
        }
      } catch (IOException e) {
        LOG.debug("{} does not answer: {}", base, e.toString());
      }
    }
    return plain;
  }

  private static JcomposeException error(
      ImageReference reference, Map<Endpoint, RegistryFailure> failures) {
    StringBuilder tried = new StringBuilder();
    failures.forEach(
        (endpoint, failure) ->
            tried
                .append(tried.isEmpty() ? "" : "; ")
                .append(endpoint)
                .append(": ")
                .append(failure.getMessage()));
    RegistryFailure last = failures.values().stream().toList().getLast();
    boolean elsewhereMissing =
        last.kind() == Kind.UNREACHABLE
            && failures.values().stream().anyMatch(f -> f.kind() == Kind.NOT_FOUND);
    Kind kind = elsewhereMissing ? Kind.NOT_FOUND : last.kind();
    String name = reference.familiar();
    String details = failures.size() > 1 ? " (tried " + tried + ")" : "";
    return switch (kind) {
      case NOT_FOUND ->
          new JcomposeException.NotFound(
              "manifest for " + name + " not found: manifest unknown: manifest unknown" + details);
      case DENIED ->
          new JcomposeException.NotFound(
              "pull access denied for "
                  + reference.familiarName()
                  + ", repository does not exist or may require 'docker login': "
                  + last.getMessage()
                  + details);
      case LIMITED ->
          new JcomposeException.Unavailable(
              "toomanyrequests: "
                  + last.getMessage()
                  + "; log in to the registry or try later"
                  + details);
      case UNREACHABLE ->
          new JcomposeException.Unavailable("failed to pull " + name + ": tried " + tried);
    };
  }
}
