package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.Images.SearchResult;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks for repositories by a word: Docker Hub has a search of its own, other registries a list of
 * their repositories (distribution's {@code _catalog}), if they show it. Used once; blocks.
 */
final class RegistrySearch {
  private static final int BODY_LIMIT = 2 << 20;
  private static final int PAGES = 100;
  private static final int PAGE = 1000;
  private static final int TEXT = 4096;
  private static final Pattern NEXT = Pattern.compile("<([^>]{1,2000})>\\s*;.*rel=\"?next\"?.*");

  private final EndpointCaller caller;
  private final Endpoint endpoint;

  RegistrySearch(EndpointCaller caller, Endpoint endpoint) {
    this.caller = caller;
    this.endpoint = endpoint;
  }

  /** Docker Hub's results, in its order. */
  List<SearchResult> hub(String term, int limit) {
    String place = endpoint.base() + "/v1/search?q=" + encode(term) + "&n=" + limit;
    JsonNode answer = read(place, new String[1]);
    List<SearchResult> results = new ArrayList<>();
    for (JsonNode one : answer.path("results")) {
      if (results.size() < limit) {
        results.add(
            new SearchResult(
                text(one.path("name")),
                text(one.path("description")),
                Math.max(0, one.path("star_count").asInt(0)),
                one.path("is_official").asBoolean(false)));
      }
    }
    return results;
  }

  /** Repositories whose name has the word, in the registry's order. */
  List<SearchResult> catalog(String term, int limit) {
    List<SearchResult> results = new ArrayList<>();
    @Nullable String[] next = {"_catalog?n=" + PAGE};
    for (int page = 0; page < PAGES && next[0] != null && results.size() < limit; page++) {
      for (JsonNode name : read(next[0], next).path("repositories")) {
        if (results.size() < limit && name.asText("").contains(term)) {
          results.add(new SearchResult(endpoint.credentialKey() + "/" + text(name), "", 0, false));
        }
      }
    }
    return results;
  }

  /**
   * @param next takes the place of the next page, or null
   */
  private JsonNode read(String place, @Nullable String[] next) {
    EndpointCaller.Call call =
        new EndpointCaller.Call("_catalog", "GET", place, Map.of("Accept", "application/json"));
    try (HttpResponse response = caller.call(endpoint, call, endpoint.attempts())) {
      byte[] body = response.read(BODY_LIMIT);
      String link = response.header("Link");
      Matcher named = NEXT.matcher(link == null ? "" : link);
      next[0] = named.matches() ? next(named.group(1)) : null;
      return Json.foreign(body, "the answer of " + endpoint);
    } catch (RegistryFailure e) {
      throw told(e);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to search " + endpoint + ": " + e.getMessage(), e);
    }
  }

  /** A link to elsewhere is not followed: nobody else's list was asked for. */
  private @Nullable String next(String link) throws IOException {
    URI url = Location.of(endpoint.base(), link);
    return EndpointCaller.sameOrigin(endpoint.base(), url) ? url.toString() : null;
  }

  private JcomposeException told(RegistryFailure failure) {
    String place = endpoint.credentialKey();
    String why = String.valueOf(failure.getMessage());
    return switch (failure.kind()) {
      case DENIED, NOT_FOUND, REFUSED ->
          new JcomposeException.NotFound(
              "%s does not show what repositories it has: %s; log in by `jcompose login %s`, or look at its own page"
                  .formatted(place, why, place));
      case LIMITED, UNTRUSTED, WRONG_CONTENT, UNREACHABLE ->
          new JcomposeException.Unavailable("failed to search " + place + ": " + why);
    };
  }

  private static String text(JsonNode node) {
    String text = node.asText("");
    return text.length() > TEXT ? text.substring(0, TEXT) : text;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
