package io.jcompose.engine;

import io.jcompose.core.contract.ImagesContract;
import io.jcompose.core.contract.PortsFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

class ImagesContractIT extends ImagesContract {
  @RegisterExtension final EngineFixture host = new EngineFixture();

  @Override
  protected PortsFixture ports() {
    return new EnginePorts(host);
  }
}
