package io.jcompose.engine;

import io.jcompose.core.contract.PortsFixture;
import io.jcompose.core.contract.VolumesContract;
import org.junit.jupiter.api.extension.RegisterExtension;

class VolumesContractIT extends VolumesContract {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Override
  protected PortsFixture ports() {
    return new EnginePorts(host);
  }
}
