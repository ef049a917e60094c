package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.contract.PortsFixture;

/** The engine of an {@link EngineFixture} as the contracts want it. */
record EnginePorts(EngineFixture host) implements PortsFixture {
  @Override
  public Containers containers() {
    return host.containers();
  }

  @Override
  public Volumes volumes() {
    return host.engine().volumes();
  }

  @Override
  public Networks networks() {
    return host.engine().networks();
  }

  @Override
  public Images images() {
    return host.engine().images();
  }

  @Override
  public Events events() {
    return host.engine().events();
  }

  @Override
  public String image() {
    return host.image;
  }

  /** Below an init: the first process of a container dies of no signal but KILL. */
  @Override
  public ContainerSpec lasting(String name) {
    TestSpec spec = host.spec(name).command("sleep", "1000");
    spec.init = true;
    return spec.build();
  }

  @Override
  public ContainerSpec ending(String name, int code) {
    return host.spec(name).sh("exit " + code).build();
  }
}
