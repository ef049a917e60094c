package io.jcompose.scheduler;

import io.jcompose.core.contract.EventsContract;
import io.jcompose.core.contract.PortsFixture;

class FakeEventsTest extends EventsContract {
  private final FakePorts ports = new FakePorts();

  @Override
  protected PortsFixture ports() {
    return ports;
  }
}
