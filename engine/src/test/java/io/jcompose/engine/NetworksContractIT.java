package io.jcompose.engine;

import io.jcompose.core.contract.NetworksContract;
import io.jcompose.core.contract.PortsFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

class NetworksContractIT extends NetworksContract {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Override
  protected PortsFixture ports() {
    return new EnginePorts(host);
  }
}
