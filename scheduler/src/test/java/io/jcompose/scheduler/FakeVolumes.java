package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The volumes of a {@link FakeEngine}. */
final class FakeVolumes implements Volumes {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  private final FakeEngine engine;

  FakeVolumes(FakeEngine engine) {
    this.engine = engine;
  }

  @Override
  public VolumeView create(VolumeSpec spec) {
    engine.changing("volume " + spec.name());
    boolean anonymous = spec.name().isEmpty();
    String name = anonymous ? Ids.next() : spec.name();
    if (!NAME.matcher(name).matches()) {
      throw new JcomposeException.InvalidArgument(
          name + " includes invalid characters for a local volume name");
    }
    String driver = spec.driver().isEmpty() ? "local" : spec.driver();
    VolumeSpec full = new VolumeSpec(name, driver, spec.options(), spec.labels());
    synchronized (engine) {
      VolumeView present = engine.volumes.get(name);
      if (present != null && !agree(present.spec(), full)) {
        throw new JcomposeException.Conflict("volume " + name + " already exists");
      }
      return engine.volumes.computeIfAbsent(
          name, n -> new VolumeView(full, Path.of("/v"), Instant.now(), anonymous));
    }
  }

  private static boolean agree(VolumeSpec present, VolumeSpec wanted) {
    return present.driver().equals(wanted.driver())
        && (wanted.options().isEmpty() || wanted.options().equals(present.options()));
  }

  @Override
  public void remove(String name) {
    engine.changing("remove-volume " + name);
    synchronized (engine) {
      List<String> users = users(name);
      if (!users.isEmpty()) {
        throw new JcomposeException.Conflict(
            "remove " + name + ": volume is in use - [" + String.join(", ", users) + "]");
      }
      engine.volumes.remove(name);
    }
  }

  /** What other containers have stays, unless these are half removed. */
  void drop(ContainerView gone) {
    for (String name : gone.anonymousVolumes().values()) {
      if (users(name).isEmpty()) {
        engine.volumes.remove(name);
      }
    }
  }

  /** The names of the containers that have a volume, but for those that are half removed. */
  private List<String> users(String name) {
    return engine.byId.values().stream()
        .filter(v -> v.state() != State.REMOVING)
        .filter(
            v ->
                v.anonymousVolumes().containsValue(name)
                    || v.spec().mounts().stream()
                        .anyMatch(m -> m instanceof MountSpec.Volume x && x.name().equals(name)))
        .map(ContainerView::name)
        .toList();
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
