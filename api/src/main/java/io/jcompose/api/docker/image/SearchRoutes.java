package io.jcompose.api.docker.image;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.QueryFilters;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.Images;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** {@code GET /images/search}: repositories of the hub, or of another registry. */
public final class SearchRoutes {
  private static final Set<String> FILTERS = Set.of("is-automated", "is-official", "stars");
  private static final int LIMIT = 25;
  private static final int MOST = 100;

  private final Images images;

  public SearchRoutes(ApiPorts ports) {
    this.images = ports.images();
  }

  public void addTo(Routes routes) {
    routes.get("/images/search", this::search);
  }

  private void search(Call call) throws IOException {
    String term = call.query("term");
    Integer asked = call.number("limit");
    int limit = asked == null || asked == 0 ? LIMIT : asked;
    if (limit < 1 || limit > MOST) {
      throw new Refusal(400, "limit " + limit + " is outside the range of [1, " + MOST + "]");
    }
    if (term.isEmpty()) {
      throw new Refusal(400, "no search term is given");
    }
    NamedFilters filters = call.filters(FILTERS);
    int stars = filters.of("stars").stream().mapToInt(SearchRoutes::stars).max().orElse(0);
    String host = term.contains("/") ? RegistryHeaders.host(term) : "docker.io";
    call.json(
        images.search(term, limit, RegistryHeaders.auth(call, host)).stream()
            .filter(one -> QueryFilters.isTruth(filters, "is-official", one.isOfficial()))
            .filter(one -> QueryFilters.isTruth(filters, "is-automated", false))
            .filter(one -> one.stars() >= stars)
            .map(SearchRoutes::result)
            .toList());
  }

  private static int stars(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw new Refusal(400, "invalid filter 'stars=" + text + "'");
    }
    return Integer.parseInt(text);
  }

  private static Map<String, Object> result(Images.SearchResult one) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("star_count", one.stars());
    result.put("is_official", one.isOfficial());
    result.put("name", one.name());
    result.put("is_automated", false);
    result.put("description", one.description());
    return result;
  }
}
