package io.jcompose.compose.schema;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the schema asks of a value beyond its type: closed sets, patterns, ranges, items that
 * differ. Read once from the table below; immutable.
 *
 * <p>A line has an object, a key, and a rule: {@code in} with the words that are allowed; {@code
 * like} with a pattern and the words that a misspelt one may have meant; {@code from} with the
 * least and greatest number, where {@code *} is none; {@code differ} for lists.
 */
final class Facets {
  private static final String TABLE =
      """
      service cgroup in host private
      service container_name like [a-zA-Z0-9][a-zA-Z0-9_.-]+
      service pull_policy like always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+ always never build missing if_not_present refresh daily weekly
      service cpu_count from 0 *
      service cpu_percent from 0 100
      service oom_score_adj from -1000 1000
      service device_cgroup_rules differ
      service external_links differ
      service group_add differ
      service security_opt differ
      service volumes_from differ
      service depends_on differ
      service networks differ
      service models differ
      dependency condition in service_started service_healthy service_completed_successfully
      devreq capabilities differ
      devreq device_ids differ
      trigger action in rebuild sync restart sync+restart sync+exec
      trigger include differ
      trigger ignore differ
      update order in start-first stop-first
      mount type in bind volume tmpfs cluster npipe image
      bind recursive in enabled disabled writable readonly
      bind selinux in z Z
      tmpfsopts size from 0 *
      """;

  // Matching repeated groups is recursive.
  private static final int LONGEST = 256;

  static final Facets COMPOSE = new Facets();

  /** One line of the table. */
  private record Facet(
      String kind, List<String> words, @Nullable Pattern pattern, String least, String most) {}

  private final Map<String, Map<String, Facet>> facets = new HashMap<>();

  private Facets() {
    TABLE
        .lines()
        .forEach(
            line -> {
              List<String> words = List.of(line.split(" "));
              facets
                  .computeIfAbsent(words.get(0), key -> new HashMap<>())
                  .put(words.get(1), facet(words.subList(2, words.size())));
            });
  }

  private static Facet facet(List<String> words) {
    List<String> rest = words.subList(1, words.size());
    return switch (words.getFirst()) {
      case "in", "differ" -> new Facet(words.getFirst(), rest, null, "", "");
      case "like" ->
          new Facet("like", rest.subList(1, rest.size()), Pattern.compile(rest.getFirst()), "", "");
      case "from" -> new Facet("from", List.of(), null, rest.getFirst(), rest.getLast());
      default -> throw new IllegalStateException(words.toString());
    };
  }

  /**
   * What is wrong with the value of an object's key, in Docker's words; null when nothing is.
   *
   * @param value as the file has it, or brought to its type
   */
  @Nullable String complaint(String object, String key, Node value) {
    Facet facet = facets.getOrDefault(object, Map.of()).get(key);
    if (facet == null || value.isNull()) {
      return null;
    }
    if (value instanceof Scalar scalar) {
      return scalar(facet, scalar);
    }
    return value instanceof ListNode list && facet.kind.equals("differ") ? equalItems(list) : null;
  }

  private static @Nullable String scalar(Facet facet, Scalar scalar) {
    String text = scalar.text();
    return switch (facet.kind) {
      case "in" ->
          facet.words.contains(text)
              ? null
              : "value must be one of '"
                  + String.join("', '", facet.words)
                  + "'"
                  + Problems.suggestion(text, facet.words);
      case "like" ->
          facet.pattern == null
                  || (text.length() <= LONGEST && facet.pattern.matcher(text).matches())
              ? null
              : "'"
                  + text
                  + "' does not match pattern '"
                  + facet.pattern
                  + "'"
                  + Problems.suggestion(text, facet.words);
      case "from" -> scalar.value instanceof Number number ? range(facet, number) : null;
      default -> null;
    };
  }

  private static @Nullable String range(Facet facet, Number number) {
    if (number.doubleValue() < Double.parseDouble(facet.least)) {
      return "must be greater than or equal to " + facet.least;
    }
    boolean above =
        !facet.most.equals("*") && number.doubleValue() > Double.parseDouble(facet.most);
    return above ? "must be less than or equal to " + facet.most : null;
  }

  private static @Nullable String equalItems(ListNode list) {
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < list.items.size(); i++) {
      Integer first =
          list.items.get(i) instanceof Scalar scalar ? seen.putIfAbsent(scalar.text(), i) : null;
      if (first != null) {
        return "items at " + first + " and " + i + " are equal";
      }
    }
    return null;
  }
}
