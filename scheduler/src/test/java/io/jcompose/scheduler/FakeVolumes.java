package io.jcompose.scheduler;

import io.jcompose.core.Volumes;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The volumes of a {@link FakeEngine}. */
final class FakeVolumes implements Volumes {
  private final FakeEngine engine;

  FakeVolumes(FakeEngine engine) {
    this.engine = engine;
  }

  @Override
  public VolumeView create(VolumeSpec spec) {
    engine.changing("volume " + spec.name());
    synchronized (engine) {
      return engine.volumes.computeIfAbsent(
          spec.name(), n -> new VolumeView(spec, Path.of("/v"), Instant.now(), false));
    }
  }

  @Override
  public void remove(String name) {
    engine.changing("remove-volume " + name);
    synchronized (engine) {
      engine.volumes.remove(name);
    }
  }

  @Override
  public Optional<VolumeView> find(String name) {
    synchronized (engine) {
      return Optional.ofNullable(engine.volumes.get(name));
    }
  }

  @Override
  public List<VolumeView> list(Map<String, String> labels) {
    synchronized (engine) {
      return engine.volumes.values().stream()
          .filter(n -> FakeEngine.matches(n.spec().labels(), labels))
          .toList();
    }
  }
}
