package io.jcompose.api.docker.container;

import io.jcompose.api.container.PsFilters;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.QueryFilters;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.inspect.ExposedPorts;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which containers {@code GET /containers/json} lists. Immutable.
 *
 * @param all also those that do not run
 * @param limit at most so many, in any state; 0 or less is all
 */
public record ContainerFilters(NamedFilters filters, boolean all, int limit) {
  public static final ContainerFilters NONE =
      new ContainerFilters(QueryFilters.parse("", Set.of()), true, 0);

  private static final Set<String> KNOWN =
      Set.of(
          "ancestor",
          "before",
          "exited",
          "expose",
          "health",
          "id",
          "is-task",
          "isolation",
          "label",
          "label!",
          "name",
          "network",
          "publish",
          "since",
          "status",
          "volume");
  private static final List<String> STATES =
      List.of("created", "running", "paused", "restarting", "removing", "exited", "dead");
  private static final List<String> HEALTH = List.of("none", "starting", "healthy", "unhealthy");

  public static ContainerFilters parse(Call call) {
    NamedFilters filters = call.filters(KNOWN);
    requireOf(filters, "status", "state", STATES);
    requireOf(filters, "health", "health", HEALTH);
    for (String code : filters.of("exited")) {
      if (!code.matches("[+-]?[0-9]{1,9}")) {
        throw new Refusal(
            400,
            "invalid filter 'exited=" + code + "': " + Refusal.noNumber("Atoi", code).getMessage());
      }
    }
    Integer limit = call.number("limit");
    return new ContainerFilters(
        filters, call.is("all") || filters.has("status"), limit == null ? 0 : limit);
  }

  private static void requireOf(
      NamedFilters filters, String name, String what, List<String> known) {
    for (String value : filters.of(name)) {
      if (!known.contains(value)) {
        throw new Refusal(
            400,
            "invalid filter '%s=%s': invalid value for %s (%s): must be one of %s"
                .formatted(name, value, what, value, String.join(", ", known)));
      }
    }
  }

  /** Those of all, which are sorted, that are meant. */
  List<ContainerView> of(List<ContainerView> sorted, Containers containers) {
    Instant before = made("before", containers);
    Instant since = made("since", containers);
    PsFilters others = new PsFilters(filters);
    Stream<ContainerView> found =
        sorted.stream()
            .filter(view -> all || limit > 0 || view.isActive())
            .filter(view -> filters.is("status", word(view)))
            .filter(view -> before == null || view.createdAt().isBefore(before))
            .filter(view -> since == null || view.createdAt().isAfter(since))
            .filter(view -> QueryFilters.isTruth(filters, "is-task", false))
            .filter(others::fits)
            .filter(view -> hasPort("expose", view, ContainerFilters::exposed))
            .filter(view -> hasPort("publish", view, ContainerFilters::published));
    return (limit > 0 ? found.limit(limit) : found).toList();
  }

  private static String word(ContainerView view) {
    return view.state().name().toLowerCase(Locale.ROOT);
  }

  private @Nullable Instant made(String name, Containers containers) {
    Instant made = null;
    for (String ref : filters.of(name)) {
      made =
          containers
              .find(ref)
              .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref))
              .createdAt();
    }
    return made;
  }

  private boolean hasPort(
      String name, ContainerView view, Function<ContainerView, Stream<Port>> ports) {
    List<Predicate<Port>> wanted =
        filters.of(name).stream().map(text -> wanted(name, text)).toList();
    return wanted.isEmpty()
        || ports.apply(view).anyMatch(port -> wanted.stream().anyMatch(one -> one.test(port)));
  }

  /** {@code 80}, {@code 80/udp}, {@code 8000-8010/tcp}; without a protocol it is TCP. */
  private static Predicate<Port> wanted(String name, String text) {
    int slash = text.indexOf('/');
    String protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
    String[] range = (slash < 0 ? text : text.substring(0, slash)).split("-", 2);
    int first = number(name, text, range[0]);
    int last = range.length < 2 ? first : number(name, text, range[1]);
    return port -> port.number >= first && port.number <= last && port.protocol.equals(protocol);
  }

  private static int number(String name, String whole, String digits) {
    if (!digits.matches("[0-9]{1,5}")) {
      throw new Refusal(
          500,
          "error while looking up for "
              + name
              + " "
              + whole
              + ": "
              + Refusal.noNumber("ParseUint", digits).getMessage());
    }
    return Integer.parseInt(digits);
  }

  private record Port(int number, String protocol) {}

  private static Stream<Port> exposed(ContainerView view) {
    return Stream.concat(
        ExposedPorts.of(view.spec(), null).stream()
            .map(port -> new Port(port.number(), port.protocol())),
        view.spec().networking().ports().stream()
            .map(port -> new Port(port.containerPort(), port.protocol())));
  }

  private static Stream<Port> published(ContainerView view) {
    return view.ports().stream().map(port -> new Port(port.containerPort(), port.protocol()));
  }
}
