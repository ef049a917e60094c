package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.contract.PortsFixture;
import io.jcompose.scheduler.execute.EnginePorts;
import java.util.Map;

/** A {@link FakeEngine} as the contracts want it; the programs of its containers are its word. */
final class FakePorts implements PortsFixture {
  private final FakeEngine engine = new FakeEngine().image("box:1");
  private final EnginePorts ports = engine.ports();

  @Override
  public Containers containers() {
    return ports.containers();
  }

  @Override
  public Volumes volumes() {
    return ports.volumes();
  }

  @Override
  public Networks networks() {
    return ports.networks();
  }

  @Override
  public Images images() {
    return ports.images();
  }

  @Override
  public Events events() {
    return engine;
  }

  @Override
  public String image() {
    return "box:1";
  }

  @Override
  public ContainerSpec lasting(String name) {
    return ContainerSpec.of(name, image());
  }

  @Override
  public ContainerSpec ending(String name, int code) {
    engine.exitAtOnce.add(name);
    engine.exitCodes.put(name, code);
    ContainerSpec spec = lasting(name);
    return spec.changed(spec.resources(), spec.lifecycle().restart(), Map.of(Labels.SERVICE, name));
  }
}
