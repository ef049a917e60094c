package io.jcompose.registry.page;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.ManifestReference;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.Repository;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.ServedManifest;
import io.jcompose.registry.access.Gate;
import io.jcompose.registry.access.Right;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.http.Exchange;
import io.jcompose.registry.page.Html.Cell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What the registry has, for a browser: repositories, tags, and the layers of an image with their
 * sizes. Nothing can be changed by it, and nothing of it is a script. Thread-safe.
 */
public final class WebPages {
  private static final String REPOSITORY = "/repository/";
  private static final int MOST_ROWS = 2000;

  private final Repositories repositories;
  private final Gate gate;

  public WebPages(Repositories repositories, Gate gate) {
    this.repositories = repositories;
    this.gate = gate;
  }

  /** Answers a request for a page; false for anything else. */
  public boolean answer(Exchange exchange) throws IOException {
    boolean reads = exchange.method().equals("GET") || exchange.method().equals("HEAD");
    String path = exchange.path();
    if (!reads || !(path.equals("/") || path.startsWith(REPOSITORY))) {
      return false;
    }
    gate.require(exchange, Right.PULL);
    Optional<Html> page =
        path.equals("/") ? Optional.of(all()) : one(exchange, path.substring(REPOSITORY.length()));
    if (page.isEmpty()) {
      return false;
    }
    Map<String, String> headers =
        Answers.headers(
            "Content-Type", "text/html; charset=utf-8",
            "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
            "Referrer-Policy", "no-referrer",
            "Cache-Control", "no-store");
    exchange.respond(200, headers, page.get().toString().getBytes(StandardCharsets.UTF_8));
    return true;
  }

  private Html all() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Repository one : repositories.all()) {
      if (rows.size() < MOST_ROWS) {
        String name = one.name().text();
        rows.add(
            List.of(
                Cell.link(REPOSITORY + name, name),
                Cell.number(String.valueOf(one.tags().size())),
                Cell.number(Html.size(one.sizeBytes())),
                Cell.text(Html.time(one.pushedAt()))));
      }
    }
    Html page = new Html("Repositories");
    if (rows.isEmpty()) {
      page.paragraph(Cell.text("Nothing has been pushed yet."));
    }
    return page.table(
        List.of(
            Cell.text("Repository"), Cell.number("Tags"), Cell.number("Size"), Cell.text("Pushed")),
        rows);
  }

  private Optional<Html> one(Exchange exchange, String text) {
    try {
      RepositoryName name = new RepositoryName(text);
      Optional<String> tag = exchange.parameter("tag");
      return repositories
          .find(name)
          .flatMap(
              one ->
                  tag.isEmpty()
                      ? Optional.of(tags(exchange, one))
                      : one.find(new ManifestReference.Tag(tag.get()))
                          .map(manifest -> layers(one, tag.get(), manifest)));
    } catch (JcomposeException.InvalidArgument e) {
      return Optional.empty();
    }
  }

  private static Html tags(Exchange exchange, Repository repository) {
    String name = repository.name().text();
    SortedMap<String, Digest> tags = repository.tags();
    List<List<Cell>> rows = new ArrayList<>();
    tags.forEach(
        (tag, digest) -> {
          ServedManifest manifest = repository.manifests().get(digest);
          if (manifest != null && rows.size() < MOST_ROWS) {
            rows.add(
                List.of(
                    Cell.link(REPOSITORY + name + "?tag=" + tag, tag),
                    Cell.number(Html.size(repository.pullBytes(manifest))),
                    Cell.text(Html.time(manifest.pushedAt())),
                    Cell.code("docker pull " + exchange.host() + "/" + name + ":" + tag)));
          }
        });
    return new Html(name)
        .paragraph(Cell.link("/", "Repositories"))
        .table(
            List.of(Cell.text("Tag"), Cell.number("Size"), Cell.text("Pushed"), Cell.text("Pull")),
            rows);
  }

  private static Html layers(Repository repository, String tag, ServedManifest manifest) {
    String name = repository.name().text();
    List<List<Cell>> rows = new ArrayList<>();
    rows.add(row("manifest", manifest.digest(), manifest.sizeBytes()));
    manifest.sizes().forEach((digest, bytes) -> rows.add(row("blob", digest, bytes)));
    for (Digest child : manifest.manifests()) {
      ServedManifest one = repository.manifests().get(child);
      if (one != null && rows.size() < MOST_ROWS) {
        rows.add(row("manifest", child, one.sizeBytes()));
        one.sizes().forEach((digest, bytes) -> rows.add(row("blob", digest, bytes)));
      }
    }
    return new Html(name + ":" + tag)
        .paragraph(Cell.link(REPOSITORY + name, name))
        .table(List.of(Cell.text("What"), Cell.text("Digest"), Cell.number("Size")), rows);
  }

  private static List<Cell> row(String what, Digest digest, long bytes) {
    return List.of(Cell.text(what), Cell.code(digest.toString()), Cell.number(Html.size(bytes)));
  }
}
