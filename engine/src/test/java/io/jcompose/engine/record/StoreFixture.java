package io.jcompose.engine.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.Ids;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.TestSpec;
import io.jcompose.runtime.Selinux;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The containers of an engine that has nothing else, in a directory. */
public final class StoreFixture {
  public final EngineConfig config;
  public final ContainerStore store;

  public StoreFixture(Path directory) {
    config =
        new EngineConfig(
            directory.resolve("lib"),
            directory.resolve("run"),
            directory.resolve("none.json"),
            directory.resolve("shim"));
    store = new ContainerStore(config, Selinux.open(false));
  }

  public Path folder(Container container) {
    return config.container(container.id());
  }

  public Container container(Lifecycle lifecycle) {
    TestSpec spec = new TestSpec("c", "box");
    spec.lifecycle = lifecycle;
    ContainerSpec built = spec.build();
    Container container =
        new Container(
            ContainerRecord.created(
                Ids.next(), built, "sha256:1", List.of("x"), Map.of(), List.of()));
    store.put(container);
    store.save(container.record());
    return container;
  }

  /** The record as the next engine would find it. */
  public ContainerRecord reread(Container container) {
    ContainerStore next = new ContainerStore(config, Selinux.open(false));
    List<Path> strays = next.load();
    assertThat(strays).isEmpty();
    return next.get(container.id()).record();
  }
}
