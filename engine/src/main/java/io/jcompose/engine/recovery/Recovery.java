package io.jcompose.engine.recovery;

import io.jcompose.engine.launch.ContainerMounts;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.network.NetworkStack;
import io.jcompose.runtime.TaskRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an engine does at its start about what another left: reads the records, takes over what
 * runs, and removes what belongs to nothing. Owned by the engine.
 */
public final class Recovery implements AutoCloseable {
  private final ContainerStore store;
  private final ContainerMounts mounts;
  private final NetworkStack network;
  private final TaskRuntime runtime;
  private final Adoption adoption;
  private final Leftovers leftovers;

  public Recovery(
      ContainerStore store,
      ContainerMounts mounts,
      NetworkStack network,
      TaskRuntime runtime,
      Adoption adoption,
      Leftovers leftovers) {
    this.store = store;
    this.mounts = mounts;
    this.network = network;
    this.runtime = runtime;
    this.adoption = adoption;
    this.leftovers = leftovers;
  }

  /** Done once; trees of many files go on being removed in the background. */
  public void run() {
    List<Path> strays = new ArrayList<>(store.load());
    adoption.adopt(List.copyOf(store.all()));
    network.finishAdoption();
    Set<String> running =
        store.all().stream()
            .filter(c -> c.run() != null)
            .map(Container::id)
            .collect(Collectors.toSet());
    runtime.sweep(running);
    Leftovers.attempt("sweep what was given to containers", () -> mounts.sweepFiles(running));
    Leftovers.attempt("take over volumes in memory", () -> adoptVolumes(running));
    for (Container container : endedThatAreToGo()) {
      Leftovers.attempt("remove " + container.id(), () -> strays.add(store.abandon(container)));
    }
    leftovers.sweep(strays);
  }

  private List<Container> endedThatAreToGo() {
    return store.all().stream()
        .filter(c -> c.run() == null)
        .filter(
            c ->
                c.record().isOfABuild()
                    || (c.record().startedAt() != null
                        && c.record().spec().lifecycle().autoRemove()))
        .toList();
  }

  private void adoptVolumes(Set<String> running) {
    mounts.adoptVolumes(running.stream().map(id -> store.get(id).record()).toList());
    store.all().stream() // some may have ended while they were taken over
        .filter(c -> c.run() == null)
        .forEach(c -> mounts.releaseVolumes(c.record()));
  }

  /** Gives up on shims that are still silent, and on what is not removed yet. */
  @Override
  public void close() {
    adoption.close();
    leftovers.close();
  }
}
