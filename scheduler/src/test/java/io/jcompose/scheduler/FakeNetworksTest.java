package io.jcompose.scheduler;

import io.jcompose.core.contract.NetworksContract;
import io.jcompose.core.contract.PortsFixture;

class FakeNetworksTest extends NetworksContract {
  private final FakePorts ports = new FakePorts();

  @Override
  protected PortsFixture ports() {
    return ports;
  }
}
