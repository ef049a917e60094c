package io.jcompose.engine.event;

import io.jcompose.core.ContainerView;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Ids;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to containers, as lines in the engine's log. Probes and programs run in them are
 * left out. Stateless.
 */
public final class LifeCycleLog {
  private static final Logger LOG = LoggerFactory.getLogger("containers");

  private final Function<String, Optional<ContainerView>> find;

  /**
   * @param find a container by its id; never waits
   */
  public LifeCycleLog(Function<String, Optional<ContainerView>> find) {
    this.find = find;
  }

  public void take(EngineEvent event) {
    String line = line(event);
    if (!line.isEmpty()) {
      LOG.info(line);
    }
  }

  /** Empty for what is not logged. */
  String line(EngineEvent event) {
    return switch (event) {
      case EngineEvent.ContainerCreated e -> of(e.name(), e.id(), "created");
      case EngineEvent.ContainerStarted e -> of(e.name(), e.id(), "started" + restarts(e.id()));
      case EngineEvent.ContainerExited e -> of(e.name(), e.id(), end(e));
      case EngineEvent.HealthChanged e ->
          of(e.name(), e.id(), "is " + e.health().name().toLowerCase(Locale.ROOT));
      case EngineEvent.ContainerRemoved e -> of(e.name(), e.id(), "removed");
      case EngineEvent.ObjectChanged _ -> ""; // who does it logs it
      case EngineEvent.ContainerActed e ->
          e.action().startsWith("exec_") || e.action().equals("top")
              ? ""
              : of(e.name(), e.id(), e.action() + details(e.attributes()));
    };
  }

  private static String of(String name, String id, String what) {
    return name + " (" + Ids.brief(id) + ") " + what;
  }

  private String restarts(String id) {
    int count = find.apply(id).map(ContainerView::restartCount).orElse(0);
    return count == 0 ? "" : ", restart " + count + " by its policy";
  }

  private String end(EngineEvent.ContainerExited e) {
    String error = find.apply(e.id()).map(ContainerView::error).orElse("");
    return (e.requested() ? "ended as asked" : "ended by itself")
        + " with exit code "
        + e.exitCode()
        + " after "
        + e.ran().toSeconds()
        + " s"
        + (error.isEmpty() ? e.oomKilled() ? ": it ran out of memory" : "" : ": " + error);
  }

  private static String details(Map<String, String> attributes) {
    return attributes.isEmpty() ? "" : " " + new TreeMap<>(attributes);
  }
}
