package io.jcompose.scheduler;

import io.jcompose.core.contract.ContainerLivesContract;
import io.jcompose.core.contract.PortsFixture;

class FakeContainerLivesTest extends ContainerLivesContract {
  private final FakePorts ports = new FakePorts();

  @Override
  protected PortsFixture ports() {
    return ports;
  }
}
