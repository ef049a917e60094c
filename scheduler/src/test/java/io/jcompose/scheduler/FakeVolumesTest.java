package io.jcompose.scheduler;

import io.jcompose.core.contract.PortsFixture;
import io.jcompose.core.contract.VolumesContract;

class FakeVolumesTest extends VolumesContract {
  private final FakePorts ports = new FakePorts();

  @Override
  protected PortsFixture ports() {
    return ports;
  }
}
