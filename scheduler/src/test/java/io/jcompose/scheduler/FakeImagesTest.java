package io.jcompose.scheduler;

import io.jcompose.core.contract.ImagesContract;
import io.jcompose.core.contract.PortsFixture;

class FakeImagesTest extends ImagesContract {
  private final FakePorts ports = new FakePorts();

  @Override
  protected PortsFixture ports() {
    return ports;
  }
}
