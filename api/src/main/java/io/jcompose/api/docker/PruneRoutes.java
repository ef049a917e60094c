package io.jcompose.api.docker;

import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.QueryFilters;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.host.CachePrune;
import io.jcompose.api.host.Pruning;
import io.jcompose.api.log.EventLog;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code prune} of containers, networks, volumes, images and what builds keep. */
final class PruneRoutes {
  private static final Set<String> FILTERS = Set.of("label", "label!", "until");
  private static final Set<String> OF_VOLUMES = Set.of("all", "label", "label!");
  private static final Set<String> OF_IMAGES = Set.of("dangling", "label", "label!", "until");

  private final Pruning pruning;
  private final Builds builds;
  private final EventLog log;

  PruneRoutes(Pruning pruning, Builds builds, EventLog log) {
    this.log = log;
    this.pruning = pruning;
    this.builds = builds;
  }

  void addTo(Routes routes) {
    routes.post(
        "/containers/prune",
        call ->
            answer(
                call,
                "container",
                "ContainersDeleted",
                pruning.containers(filters(call, FILTERS))));
    routes.post("/networks/prune", this::networks);
    routes.post("/volumes/prune", this::volumes);
    routes.post("/images/prune", this::images);
    routes.post("/build/prune", this::cache);
  }

  /** What is no time is refused, also where there is nothing that it could keep. */
  private NamedFilters filters(Call call, Set<String> known) {
    NamedFilters filters = call.filters(known);
    List<String> until = filters.of("until");
    if (until.size() > 1) {
      throw new Refusal(400, "more than one until filter specified");
    }
    for (String text : until) {
      try {
        Instant _ = pruning.moments().parse("until", text);
      } catch (JcomposeException.InvalidArgument e) {
        throw new Refusal(400, "failed to parse value as time or duration: " + Refusal.shown(text));
      }
    }
    return filters;
  }

  private void answer(Call call, String kind, String name, Images.Pruned pruned)
      throws IOException {
    answer(call, kind, name, orNull(pruned.removed()), pruned.reclaimedBytes());
  }

  private void answer(Call call, String kind, String name, @Nullable Object removed, long bytes)
      throws IOException {
    tell(kind, bytes);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put(name, removed);
    answer.put("SpaceReclaimed", bytes);
    call.json(answer);
  }

  private void tell(String kind, long bytes) {
    Map<String, String> reclaimed = Map.of("reclaimed", String.valueOf(bytes));
    log.add(new EventLog.Entry(Instant.now(), kind, "", "prune", reclaimed, Map.of()));
  }

  private static <T> @Nullable List<T> orNull(List<T> list) {
    return list.isEmpty() ? null : list;
  }

  private void networks(Call call) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    List<String> gone = pruning.networks(filters(call, FILTERS), false);
    tell("network", 0);
    answer.put("NetworksDeleted", orNull(gone));
    call.json(answer);
  }

  /** Before version 1.42 also those that have a name. */
  private void volumes(Call call) throws IOException {
    NamedFilters filters = call.filters(OF_VOLUMES);
    boolean named = call.minor() < 42 || isTrue(filters, "all", false);
    answer(call, "volume", "VolumesDeleted", pruning.volumes(less(filters, "all"), named));
  }

  /** All unused ones where {@code dangling} is false, and else those without a name. */
  private void images(Call call) throws IOException {
    NamedFilters filters = filters(call, OF_IMAGES);
    boolean named = !isTrue(filters, "dangling", true);
    Images.Pruned pruned = pruning.images(less(filters, "dangling"), named);
    List<Map<String, String>> removed = new ArrayList<>();
    for (String line : pruned.removed()) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        String kind = line.substring(0, 1).toUpperCase(Locale.ROOT) + line.substring(1, colon);
        removed.add(Map.of(kind, line.substring(colon + 2)));
      }
    }
    answer(call, "image", "ImagesDeleted", orNull(removed), pruned.reclaimedBytes());
  }

  /** One truth: what deletes is not guessed. */
  private static boolean isTrue(NamedFilters filters, String name, boolean silence) {
    if (!filters.has(name)) {
      return silence;
    }
    if (filters.of(name).size() != 1) {
      throw new Refusal(400, "invalid filter '" + name + "=" + filters.of(name) + "'");
    }
    return QueryFilters.isTruth(filters, name, true);
  }

  private void cache(Call call) throws IOException {
    NamedFilters filters = call.filters(Set.of());
    Builds.Prune what = CachePrune.of(filters, pruning.moments(), bytes(call), call.is("all"));
    answer(call, "builder", "CachesDeleted", builds.prune(what));
  }

  /** What stays, since version 1.48 by another name. What is no size deletes nothing. */
  private static long bytes(Call call) {
    for (String name : List.of("max-used-space", "min-free-space")) {
      if (!Set.of("", "0").contains(call.query(name))) {
        throw Refusal.notYet("prune by " + name);
      }
    }
    long most = 0;
    for (String name : List.of("keep-storage", "reserved-space")) {
      String text = call.query(name);
      if (!text.matches("[0-9]{0,18}")) {
        throw new Refusal(400, name + " is in bytes and expects an integer, got " + text);
      }
      most = Math.max(most, text.isEmpty() ? 0 : Long.parseLong(text));
    }
    return most;
  }

  private static NamedFilters less(NamedFilters filters, String name) {
    Map<String, List<String>> values = new HashMap<>(filters.values());
    values.remove(name);
    return new NamedFilters(values);
  }
}
