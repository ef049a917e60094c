package io.jcompose.registry.protocol;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.Repository;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.UpstreamName;
import io.jcompose.registry.access.Gate;
import io.jcompose.registry.access.Right;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;
import io.jcompose.registry.http.Handler;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Routes the requests of the API and turns what they throw into its errors. Thread-safe. */
public final class DistributionApi implements Handler {
  private static final String PREFIX = "/v2/";

  private final Repositories repositories;
  private final Gate gate;
  private final BlobEndpoints blobs;
  private final UploadEndpoints uploads;
  private final ManifestEndpoints manifests;
  private final ReferrersEndpoint referrers;
  private final Handler other;

  /**
   * @param other answers what is not below {@code /v2}
   */
  public DistributionApi(Repositories repositories, Gate gate, Handler other) {
    this.repositories = repositories;
    this.gate = gate;
    this.other = other;
    this.blobs = new BlobEndpoints(repositories);
    this.uploads = new UploadEndpoints(repositories);
    this.manifests = new ManifestEndpoints(repositories);
    this.referrers = new ReferrersEndpoint(repositories);
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    try {
      route(exchange);
    } catch (Refusal e) {
      refuse(exchange, e);
    } catch (JcomposeException e) {
      refuse(exchange, Answers.of(e));
    }
  }

  private static void refuse(Exchange exchange, Refusal refusal) throws IOException {
    if (exchange.isStarted()) {
      throw new IOException("failed after the answer began", refusal);
    }
    Answers.refuse(exchange, refusal);
  }

  private void route(Exchange exchange) throws IOException {
    String path = exchange.path();
    requireNoBrowser(exchange);
    if (path.equals("/v2") || path.equals(PREFIX)) {
      Refusals.requireRead(exchange);
      gate.require(exchange, Right.PULL);
      Answers.json(exchange, 200, Map.of(), Map.of());
    } else if (path.equals(PREFIX + "_catalog")) {
      Refusals.requireRead(exchange);
      gate.require(exchange, Right.PULL);
      catalog(exchange);
    } else if (path.startsWith(PREFIX)) {
      ApiPath wanted =
          ApiPath.parse(path.substring(PREFIX.length()))
              .orElseThrow(
                  () ->
                      new Refusal(ErrorCode.UNSUPPORTED, 404, "no such endpoint", Map.of(), null));
      gate.require(exchange, Refusals.isRead(exchange) ? Right.PULL : Right.PUSH);
      RepositoryName name = Refusals.name(wanted.name());
      Optional<UpstreamName> upstream = upstream(exchange, name);
      if (upstream.isPresent()) {
        fetched(exchange, wanted, upstream.get());
      } else {
        requireServed(exchange, name);
        endpoint(exchange, wanted, name);
      }
    } else {
      other.handle(exchange);
    }
  }

  /**
   * A page that a browser shows may send requests to this host, too, as somebody who is on it.
   * Clients of registries are no browsers.
   */
  private static void requireNoBrowser(Exchange exchange) {
    if (!Refusals.isRead(exchange) && isBrowser(exchange)) {
      throw new Refusal(ErrorCode.DENIED, "a browser may only read");
    }
  }

  private static boolean isBrowser(Exchange exchange) {
    return exchange.header("Origin").isPresent() || exchange.header("Sec-Fetch-Site").isPresent();
  }

  /** Whose repository is meant: clients of a mirror say it beside the path (containerd). */
  private Optional<UpstreamName> upstream(Exchange exchange, RepositoryName name) {
    String namespace = exchange.parameter("ns").orElse(exchange.host());
    if (namespace.equals(exchange.host())) {
      return repositories.upstreams().find(name);
    }
    Optional<UpstreamName> upstream = repositories.upstreams().find(namespace, name);
    if (upstream.isEmpty()) {
      throw new Refusal(
          ErrorCode.NAME_UNKNOWN, "images of that other registry are not served here");
    }
    return upstream;
  }

  /** What was fetched is given out as long as its registry is fetched from. */
  private void requireServed(Exchange exchange, RepositoryName name) {
    if (repositories.find(name).filter(Repository::isFetched).isEmpty()) {
      return;
    }
    throw Refusals.isRead(exchange)
        ? Refusals.unknown(name)
        : new Refusal(
            ErrorCode.UNSUPPORTED,
            "%s was fetched from another registry; push to another name, or remove it: jcompose registry rm %s"
                .formatted(name, name));
  }

  /** Reads fetch and keep, so that a page in a browser may not even read. */
  private void fetched(Exchange exchange, ApiPath path, UpstreamName upstream) throws IOException {
    if (!Refusals.isRead(exchange)) {
      throw new Refusal(ErrorCode.UNSUPPORTED, upstream.pushRefusal());
    }
    if (isBrowser(exchange)) {
      throw new Refusal(ErrorCode.DENIED, "nothing is fetched for a browser");
    }
    switch (path.kind()) {
      case BLOB -> blobs.answer(exchange, upstream, Refusals.digest(path.item()));
      case MANIFEST -> manifests.answer(exchange, upstream, path.item());
      case TAGS, REFERRERS, NEW_UPLOAD, UPLOAD -> endpoint(exchange, path, upstream.name());
    }
  }

  private void endpoint(Exchange exchange, ApiPath path, RepositoryName name) throws IOException {
    switch (path.kind()) {
      case TAGS -> {
        Refusals.requireRead(exchange);
        tags(exchange, name);
      }
      case REFERRERS -> {
        Refusals.requireRead(exchange);
        referrers.answer(exchange, name, Refusals.digest(path.item()));
      }
      case BLOB -> blobs.answer(exchange, name, Refusals.digest(path.item()));
      case MANIFEST -> manifests.answer(exchange, name, path.item());
      case NEW_UPLOAD -> uploads.begin(exchange, name);
      case UPLOAD -> uploads.answer(exchange, name, path.item());
    }
  }

  private void catalog(Exchange exchange) throws IOException {
    List<String> names =
        repositories.all().stream()
            .filter(
                one -> !one.isFetched() || repositories.upstreams().find(one.name()).isPresent())
            .map(one -> one.name().text())
            .toList();
    Page page = Page.of(exchange, PREFIX + "_catalog", names);
    Answers.json(exchange, 200, page.headers(), Map.of("repositories", page.entries()));
  }

  private void tags(Exchange exchange, RepositoryName name) throws IOException {
    List<String> tags =
        repositories
            .find(name)
            .map(one -> List.copyOf(one.tags().keySet()))
            .orElseThrow(() -> Refusals.unknown(name));
    Page page = Page.of(exchange, PREFIX + name + "/tags/list", tags);
    Answers.json(
        exchange, 200, page.headers(), Map.of("name", name.text(), "tags", page.entries()));
  }
}
