package io.jcompose.scheduler;

import io.jcompose.core.contract.ContainersContract;
import io.jcompose.core.contract.PortsFixture;

class FakeContainersTest extends ContainersContract {
  private final FakePorts ports = new FakePorts();

  @Override
  protected PortsFixture ports() {
    return ports;
  }
}
