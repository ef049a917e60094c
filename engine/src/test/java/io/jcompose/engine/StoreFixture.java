package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.Ids;
import io.jcompose.runtime.Selinux;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The containers of an engine that has nothing else, in a directory. */
final class StoreFixture {
  final EngineConfig config;
  final ContainerStore store;

  StoreFixture(Path directory) {
    config =
        new EngineConfig(
            directory.resolve("lib"),
            directory.resolve("run"),
            directory.resolve("none.json"),
            directory.resolve("shim"));
    store = new ContainerStore(config, Selinux.open(false));
  }

  Path folder(Container container) {
    return config.container(container.id());
  }

  Container container(Lifecycle lifecycle) {
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
  ContainerRecord reread(Container container) {
    ContainerStore next = new ContainerStore(config, Selinux.open(false));
    List<Path> strays = next.load();
    assertThat(strays).isEmpty();
    return next.get(container.id()).record();
  }
}
