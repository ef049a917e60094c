package io.jcompose.registry.protocol;

import io.jcompose.core.Digest;
import io.jcompose.images.repository.ManifestFacts;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.ServedManifest;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.answer.JsonText;
import io.jcompose.registry.http.Exchange;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Manifests that are about another one, as an index (OCI distribution-spec, "Listing Referrers"):
 * in parts, for each has its annotations. Thread-safe.
 */
final class ReferrersEndpoint {
  private static final int MOST = 100;
  private static final int MOST_BYTES = 256 << 10;

  private final Repositories repositories;

  ReferrersEndpoint(Repositories repositories) {
    this.repositories = repositories;
  }

  void answer(Exchange exchange, RepositoryName name, Digest subject) throws IOException {
    Optional<String> type = exchange.parameter("artifactType").filter(text -> !text.isEmpty());
    String last = exchange.parameter("last").orElse("");
    int limit = Math.min(MOST, Page.limit(exchange));
    List<ServedManifest> wanted =
        repositories.find(name).map(one -> one.referrers(subject)).orElse(List.of()).stream()
            .filter(one -> type.isEmpty() || one.artifactType().equals(type.get()))
            .filter(one -> one.digest().toString().compareTo(last) > 0)
            .sorted(Comparator.comparing(ServedManifest::digest))
            .toList();
    List<Object> part = part(wanted, limit);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", ManifestFacts.OCI_INDEX);
    type.ifPresent(text -> headers.put("OCI-Filters-Applied", "artifactType"));
    if (part.size() < wanted.size() && !part.isEmpty()) {
      String more =
          type.map(text -> "&artifactType=" + URLEncoder.encode(text, StandardCharsets.UTF_8))
              .orElse("");
      String at = wanted.get(part.size() - 1).digest().toString();
      headers.put("Link", Page.link("/v2/" + name + "/referrers/" + subject, limit, at, more));
    }
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", ManifestFacts.OCI_INDEX);
    index.put("manifests", part);
    Answers.json(exchange, 200, headers, index);
  }

  private List<Object> part(List<ServedManifest> wanted, int limit) {
    List<Object> part = new ArrayList<>();
    long bytes = 0;
    for (ServedManifest one : wanted) {
      Map<String, Object> descriptor = descriptor(one);
      bytes += descriptor.toString().length();
      if (part.size() == limit || (bytes > MOST_BYTES && !part.isEmpty())) {
        break;
      }
      part.add(descriptor);
    }
    return part;
  }

  private Map<String, Object> descriptor(ServedManifest manifest) {
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("mediaType", manifest.mediaType());
    descriptor.put("digest", manifest.digest().toString());
    descriptor.put("size", manifest.sizeBytes());
    if (!manifest.artifactType().isEmpty()) {
      descriptor.put("artifactType", manifest.artifactType());
    }
    Map<String, String> annotations =
        repositories
            .document(
                manifest.digest(), text -> JsonText.texts(JsonText.parse(text).path("annotations")))
            .orElse(Map.of());
    if (!annotations.isEmpty()) {
      descriptor.put("annotations", annotations);
    }
    return descriptor;
  }
}
