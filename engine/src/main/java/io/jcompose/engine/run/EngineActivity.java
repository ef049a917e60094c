package io.jcompose.engine.run;

import io.jcompose.core.Activity;
import io.jcompose.core.ContainerDetails;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerStats;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.core.file.FileTrees;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.runtime.PathRules;
import io.jcompose.runtime.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Asks the tasks of running containers. Takes no container's turn: it only reads. */
public final class EngineActivity implements Activity {
  private final EngineConfig config;
  private final ContainerStore store;
  private final EventHub events;

  public EngineActivity(EngineConfig config, ContainerStore store, EventHub events) {
    this.config = config;
    this.store = store;
    this.events = events;
  }

  @Override
  public ContainerStats stats(String ref) {
    return task(ref).stats();
  }

  @Override
  public List<ProcessView> processes(String ref) {
    List<ProcessView> processes = task(ref).processes();
    events.acted(store.get(ref), "top", Map.of());
    return processes;
  }

  @Override
  public long layerBytes(String ref) {
    Path bundle = config.container(store.get(ref).id());
    long logs = 0;
    try (var files = Files.newDirectoryStream(bundle, "*-json.log*")) {
      for (Path file : files) {
        logs += Files.size(file);
      }
    } catch (IOException e) {
      logs += 0; // it is removed, or rotated, at this moment
    }
    return FileTrees.bytes(bundle.resolve("upper")) + logs;
  }

  @Override
  public ContainerDetails details(String ref) {
    Container container = store.get(ref);
    ContainerSpec spec = container.record().spec();
    Path bundle = config.container(container.id());
    PathRules rules = PathRules.of(spec.security().privileged(), spec.security().securityOpt());
    boolean logs = spec.logging().driver().equals("json-file");
    return new ContainerDetails(
        logs ? config.log(container.id()).toString() : "",
        bundle.resolve("hostname").toString(),
        bundle.resolve("hosts").toString(),
        bundle.resolve("resolv.conf").toString(),
        rules.masked(),
        rules.readOnly(),
        container.record().labels().process(),
        container.record().labels().files(),
        container.probes().streak(),
        container.probes().last(),
        List.copyOf(container.execs()));
  }

  private Task task(String ref) {
    Container container = store.get(ref);
    Run run = container.run();
    if (run == null) {
      throw new JcomposeException.Conflict("container " + container.id() + " is not running");
    }
    return run.task();
  }
}
