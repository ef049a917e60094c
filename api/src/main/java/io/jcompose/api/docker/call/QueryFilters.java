package io.jcompose.api.docker.call;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The query's {@code filters}: a JSON object of lists, {@code {"label":["a=b"]}}, or as Go's
 * clients write it of sets, {@code {"label":{"a=b":true}}}. Stateless.
 */
public final class QueryFilters {
  private QueryFilters() {}

  /**
   * Parses them.
   *
   * @param known names that may be there; empty takes any
   * @throws Refusal (400) {@code invalid filter}
   */
  public static NamedFilters parse(String json, Set<String> known) {
    Map<String, List<String>> filters = new LinkedHashMap<>();
    if (!json.isEmpty()) {
      object(json)
          .properties()
          .forEach(filter -> filters.put(filter.getKey(), values(filter.getValue())));
    }
    for (String name : filters.keySet()) {
      if (!known.isEmpty() && !known.contains(name)) {
        throw new Refusal(400, "invalid filter '" + name + "'");
      }
    }
    return new NamedFilters(filters);
  }

  private static JsonNode object(String json) {
    try {
      JsonNode node = JsonText.MAPPER.readTree(json);
      if (node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      // refused below, without what the parser says
    }
    throw new Refusal(400, "invalid filter");
  }

  private static List<String> values(JsonNode filter) {
    List<String> values = new ArrayList<>();
    if (filter.isArray() && all(filter, JsonNode::isTextual)) {
      filter.forEach(value -> values.add(value.asText()));
    } else if (filter.isObject() && all(filter, JsonNode::isBoolean)) {
      filter.fieldNames().forEachRemaining(values::add);
    } else {
      throw new Refusal(400, "invalid filter");
    }
    return values;
  }

  private static boolean all(JsonNode node, java.util.function.Predicate<JsonNode> kind) {
    for (JsonNode member : node) {
      if (!kind.test(member)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The truth that a filter asks for.
   *
   * @throws Refusal (400) for what is none, in Docker's words
   */
  public static boolean isTruth(NamedFilters filters, String name, boolean truth) {
    for (String value : filters.of(name)) {
      if (!Set.of("true", "false", "1", "0").contains(value)) {
        throw new Refusal(
            400, "invalid filter '" + name + "=[" + String.join(" ", filters.of(name)) + "]'");
      }
    }
    return filters.isTruth(name, truth);
  }
}
