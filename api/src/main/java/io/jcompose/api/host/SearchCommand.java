package io.jcompose.api.host;

import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.Images;
import io.jcompose.core.Images.SearchResult;
import io.jcompose.core.JcomposeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code search}: repositories of Docker Hub, or of another registry. */
final class SearchCommand {
  private static final int LIMIT = 25;
  private static final int MOST = 100;
  private static final int DESCRIPTION = 45;
  private static final ListFormat TABLE =
      ListFormat.of(
          "Name",
          10,
          "Name",
          "NAME",
          "Description",
          "DESCRIPTION",
          "StarCount",
          "STARS",
          "IsOfficial",
          "OFFICIAL");

  private final Images images;

  SearchCommand(Images images) {
    this.images = images;
  }

  String render(CommandRequest request) {
    if (request.arguments().size() != 1 || request.arguments().getFirst().isBlank()) {
      throw new JcomposeException.InvalidArgument("search needs one word");
    }
    NamedFilters filters =
        NamedFilters.parse(request, List.of("is-automated", "is-official", "stars"));
    int least = stars(filters);
    boolean whole = request.has("no-trunc");
    List<Map<String, Object>> rows =
        images.search(request.arguments().getFirst(), limit(request), request.logins()).stream()
            .filter(one -> filters.isTruth("is-official", one.isOfficial()))
            .filter(one -> filters.isTruth("is-automated", false))
            .filter(one -> one.stars() >= least)
            .map(one -> row(one, whole))
            .toList();
    return TABLE.render(request, rows);
  }

  private static int limit(CommandRequest request) {
    int limit = number("limit", request.text("limit"), LIMIT);
    if (limit < 1 || limit > MOST) {
      throw new JcomposeException.InvalidArgument(
          "limit " + limit + " is outside the range of [1, " + MOST + "]");
    }
    return limit;
  }

  private static int stars(NamedFilters filters) {
    int least = 0;
    for (String value : filters.values().getOrDefault("stars", List.of())) {
      least = Math.max(least, number("stars", value, 0));
    }
    return least;
  }

  private static int number(String what, String text, int otherwise) {
    if (text.isEmpty()) {
      return otherwise;
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw new JcomposeException.InvalidArgument(
          "invalid " + what + " \"" + text + "\": a number expected");
    }
    return Integer.parseInt(text);
  }

  private static Map<String, Object> row(SearchResult one, boolean whole) {
    String description = HumanText.visible(one.description().replaceAll("\\s+", " ").strip());
    boolean cut = !whole && description.length() > DESCRIPTION;
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Description", cut ? description.substring(0, DESCRIPTION - 1) + "…" : description);
    row.put("IsAutomated", "");
    row.put("IsOfficial", one.isOfficial() ? "[OK]" : "");
    row.put("Name", HumanText.visible(one.name()));
    row.put("StarCount", String.valueOf(one.stars()));
    return row;
  }
}
