package io.jcompose.registry.protocol;

import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A part of a sorted list: {@code n} entries after {@code last} (OCI distribution-spec, "Content
 * Discovery").
 *
 * @param next of the path; empty when it is the last part
 */
record Page(List<String> entries, Optional<String> next) {
  /** What is given at once where nobody asks for less. */
  static final int MOST = 1000;

  Page {
    entries = List.copyOf(entries);
  }

  static Page of(Exchange exchange, String path, List<String> sorted) {
    int limit = limit(exchange);
    String last = exchange.parameter("last").orElse("");
    List<String> after = sorted.stream().filter(one -> one.compareTo(last) > 0).toList();
    if (limit == 0) {
      return new Page(List.of(), Optional.empty());
    }
    if (after.size() <= limit) {
      return new Page(after, Optional.empty());
    }
    List<String> part = after.subList(0, limit);
    return new Page(part, Optional.of(link(path, limit, part.getLast(), "")));
  }

  /** The number of entries that a request asks for. */
  static int limit(Exchange exchange) {
    Optional<String> n = exchange.parameter("n");
    if (n.isEmpty()) {
      return MOST;
    }
    if (!n.get().matches("\\d{1,9}")) {
      throw new Refusal(ErrorCode.PAGINATION_NUMBER_INVALID, "n is no number");
    }
    return Math.min(MOST, Integer.parseInt(n.get()));
  }

  /** RFC 8288; relative, for a proxy may have another name. */
  static String link(String path, int limit, String last, String more) {
    return "<%s?n=%d&last=%s%s>; rel=\"next\""
        .formatted(path, limit, URLEncoder.encode(last, StandardCharsets.UTF_8), more);
  }

  Map<String, String> headers() {
    return next.map(link -> Map.of("Link", link)).orElse(Map.of());
  }
}
