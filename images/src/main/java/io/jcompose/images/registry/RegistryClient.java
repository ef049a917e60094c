package io.jcompose.images.registry;

import io.jcompose.core.ImageReference;
import io.jcompose.core.Images.SearchResult;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.oci.MemoryBudget;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows registries and their mirrors, and how they are reached; {@link ImageSource} asks them.
 * Thread-safe.
 */
public final class RegistryClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryClient.class);
  private static final int ATTEMPTS = 4;
  private static final int MIRROR_ATTEMPTS = 2;
  private static final int PING_BODY_LIMIT = 500;
  private static final long SPEECH_LIFE_NANOS = TimeUnit.MINUTES.toNanos(10);

  private static final String REGISTRY = "([A-Za-z0-9._-]{1,253}|\\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?";

  private static final Endpoint HUB =
      new Endpoint(URI.create("https://index.docker.io"), "docker.io", true, "", 2);

  private final RegistryConfig config;
  private final MemoryBudget budget;
  private final HttpTransport transport;
  private final EndpointCaller ownCaller;
  private final Map<String, Speech> insecureBases = new ConcurrentHashMap<>();

  public RegistryClient(RegistryConfig config) {
    this(config, new MemoryBudget());
  }

  /**
   * @param budget for the documents that are read
   */
  public RegistryClient(RegistryConfig config, MemoryBudget budget) {
    this.config = config;
    this.budget = budget;
    this.transport = new HttpTransport(config);
    this.ownCaller =
        new EndpointCaller(
            transport, new Authorizer(transport, new Credentials(config.dockerConfig())));
  }

  /** Other files of the web, by the same way. */
  public WebClient web() {
    return new WebClient(transport);
  }

  /** What an insecure registry was found to speak, and when. */
  private record Speech(URI base, long sinceNanos) {}

  /** The places that may have an image; used for one pull, which ends with its logins. */
  public ImageSource source(ImageReference reference, RegistryLogins logins) {
    return new ImageSource(reference, () -> endpoints(reference.domain()), caller(logins), budget);
  }

  /**
   * As {@link #source}, for what this engine's own registry fetches.
   *
   * @param isOwn tells by {@code host[:port]} mirrors that are that registry: they would ask again
   * @param isBrief each place is asked once only: there is an older answer
   */
  public ImageSource source(ImageReference reference, Predicate<String> isOwn, boolean isBrief) {
    return new ImageSource(
        reference,
        () ->
            endpoints(reference.domain()).stream()
                .filter(one -> !one.mirror() || !isOwn.test(one.base().getRawAuthority()))
                .map(one -> isBrief ? one.once() : one)
                .toList(),
        ownCaller,
        budget);
  }

  /** Where an image is pushed to; used for one push, which ends with its logins. */
  public ImageTarget target(ImageReference reference, RegistryLogins logins) {
    return new ImageTarget(reference, endpoints(reference.domain()).getLast(), caller(logins));
  }

  /**
   * Looks for repositories.
   *
   * @param term a word, or {@code host/word} for another registry than Docker Hub
   */
  public List<SearchResult> search(String term, int limit, RegistryLogins logins) {
    int slash = term.indexOf('/');
    String first = slash < 0 ? "" : term.substring(0, slash);
    boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
    String word = named ? term.substring(slash + 1) : term;
    boolean hub = !named || first.equals("docker.io") || first.equals("index.docker.io");
    if (named && !hub && !first.matches(REGISTRY)) {
      throw new JcomposeException.InvalidArgument(
          "invalid name of a registry: " + first + "; host[:port] expected");
    }
    EndpointCaller asking = caller(logins);
    return hub
        ? new RegistrySearch(asking, HUB).hub(word.replaceFirst("^library/", ""), limit)
        : new RegistrySearch(asking, endpoints(first).getLast()).catalog(word, limit);
  }

  private EndpointCaller caller(RegistryLogins logins) {
    return switch (logins) {
      case RegistryLogins.OfEngine engine -> ownCaller;
      // Tokens that were got by a caller's login are kept no longer than its pull or push.
      case RegistryLogins.OfCaller given ->
          new EndpointCaller(transport, new Authorizer(transport, LoginSource.of(given::find)));
      case RegistryLogins.OfSession asked ->
          new EndpointCaller(transport, new Authorizer(transport, LoginSource.of(asked.source())));
    };
  }

  /**
   * Whose logins are shown when an image of a registry is asked for.
   *
   * @param domain as {@link ImageReference#domain}
   * @return mirrors, then the registry itself
   */
  public List<String> registries(String domain) {
    List<String> keys = new ArrayList<>();
    config.mirrors().getOrDefault(domain, List.of()).forEach(m -> keys.add(m.getRawAuthority()));
    keys.add(domain);
    return keys.stream().distinct().toList();
  }

  /** Of logins only those that are shown when the image is asked for. */
  public RegistryLogins of(ImageReference reference, RegistryLogins logins) {
    return switch (logins) {
      case RegistryLogins.OfEngine engine -> engine;
      case RegistryLogins.OfSession asked -> asked;
      case RegistryLogins.OfCaller given -> {
        Map<String, RegistryLogins.Login> shown = new HashMap<>();
        for (String registry : registries(reference.domain())) {
          given.find(registry).ifPresent(login -> shown.put(registry, login));
        }
        yield new RegistryLogins.OfCaller(shown);
      }
    };
  }

  /**
   * Shows a login to a registry; mirrors are not asked.
   *
   * @throws JcomposeException.InvalidArgument for what is no registry's name
   * @throws JcomposeException.PermissionDenied when it is refused
   * @throws JcomposeException.Unavailable when nobody answers who can be believed
   */
  public RegistryLogins.Login checkLogin(String registry, RegistryLogins.Login login) {
    String wrong = "invalid name of a registry: " + registry + "; host[:port] expected";
    if (!registry.matches(REGISTRY)) {
      throw new JcomposeException.InvalidArgument(wrong);
    }
    try {
      return new LoginCheck(transport, endpoints(registry).getLast()).with(login);
    } catch (IllegalArgumentException e) { // no address, or no port, after all
      throw new JcomposeException.InvalidArgument(wrong, e);
    }
  }

  @Override
  public void close() {
    transport.close();
  }

  private List<Endpoint> endpoints(String domain) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (URI mirror : config.mirrors().getOrDefault(domain, List.of())) {
      endpoints.add(
          new Endpoint(
              mirror, mirror.getRawAuthority(), !isInsecure(mirror), domain, MIRROR_ATTEMPTS));
    }
    String host = domain.equals("docker.io") ? "registry-1.docker.io" : domain;
    URI secure = URI.create("https://" + host);
    URI base = isInsecure(secure) ? insecureBase(host) : secure;
    endpoints.add(new Endpoint(base, domain, !isInsecure(secure), "", ATTEMPTS));
    return endpoints;
  }

  private boolean isInsecure(URI url) {
    String host = Location.host(url);
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
    Speech known = insecureBases.get(host);
    if (known != null && System.nanoTime() - known.sinceNanos < SPEECH_LIFE_NANOS) {
      return known.base;
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
          insecureBases.put(host, new Speech(base, System.nanoTime()));
          return base;
        }
      } catch (IOException e) {
        LOG.debug("{} does not answer: {}", base, e.toString());
      }
    }
    return plain;
  }
}
