package io.jcompose.api.host;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Moments;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.ByteSize;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Builds.CacheEntry;
import java.util.List;
import java.util.stream.Stream;

/** Which of what builds keep is to go: the options and filters of {@code builder prune}. */
public final class CachePrune {
  private static final List<String> FILTERS =
      List.of("id", "type", "description", "inuse", "until", "unused-for");
  private static final List<String> DOCKERS =
      List.of("parent", "mutable", "immutable", "shared", "private");
  private static final String STEPS = "regular"; // as Docker calls them
  private static final String CACHES = "exec.cachemount";

  private CachePrune() {}

  /** As {@link #of(NamedFilters, Moments, long, boolean)}, by a command's options. */
  static Builds.Prune of(CommandRequest request, Moments moments) {
    List<String> known = Stream.concat(FILTERS.stream(), DOCKERS.stream()).toList();
    NamedFilters filters = NamedFilters.parse(request, known);
    return of(filters, moments, keptBytes(request), request.has("all"));
  }

  /**
   * By filters.
   *
   * @param keepBytes of the latest used results that stay
   * @param all the caches of commands, too
   * @throws JcomposeException.NotSupported for a filter that Docker has alone
   * @throws JcomposeException.InvalidArgument for what is none
   */
  public static Builds.Prune of(
      NamedFilters filters, Moments moments, long keepBytes, boolean all) {
    for (String name : filters.values().keySet()) {
      if (!FILTERS.contains(name)) {
        throw new JcomposeException.NotSupported(
            "builder prune: the filter "
                + name
                + " is not carried out; there are "
                + String.join(", ", FILTERS));
      }
    }
    boolean ofType = filters.of("type").contains(CACHES);
    if (ofType && filters.values().size() > 1) {
      throw new JcomposeException.InvalidArgument(
          "builder prune: type="
              + CACHES
              + " goes with no other filter: of a cache nothing else is known");
    }
    return new Builds.Prune(
        step -> isMeant(step, filters, moments), keepBytes, ofType || (filters.isEmpty() && all));
  }

  private static boolean isMeant(CacheEntry step, NamedFilters filters, Moments moments) {
    return filters.is("type", STEPS)
        && (filters.of("id").isEmpty() || filters.of("id").stream().anyMatch(step.id()::startsWith))
        && filters.contains("description", step.description())
        && filters.isTruth("inuse", step.inUse())
        && filters.until(moments, step.lastUsed())
        && filters.of("unused-for").stream()
            .map(text -> moments.parse("filter unused-for", text))
            .allMatch(limit -> limit == null || step.lastUsed().isBefore(limit));
  }

  private static long keptBytes(CommandRequest request) {
    String text = request.text("keep-storage");
    return text.isEmpty() ? 0 : ByteSize.parse(text);
  }
}
