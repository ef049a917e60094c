package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** An open sandbox. What changes of it is its membership's. */
final class OpenSandbox implements Sandbox {
  private final int netnsFd;
  private final byte[] resolvConf;
  private final FileContent hosts;
  private final Membership membership;
  private final AtomicBoolean closed = new AtomicBoolean();

  OpenSandbox(int netnsFd, Files files, Membership membership) {
    this.netnsFd = netnsFd;
    this.resolvConf = files.resolvConf;
    this.hosts = files.hosts;
    this.membership = membership;
  }

  @Override
  public int netnsFd() {
    return netnsFd;
  }

  @Override
  public String netnsPath() {
    return netnsFd < 0 ? "" : "/proc/" + ProcessHandle.current().pid() + "/fd/" + netnsFd;
  }

  @Override
  public List<EndpointView> endpoints() {
    return membership.views();
  }

  @Override
  public List<PortBinding> ports() {
    return record().ports();
  }

  @Override
  public byte[] resolvConf() {
    return resolvConf.clone();
  }

  @Override
  public FileContent hosts() {
    return hosts;
  }

  @Override
  public SandboxRecord record() {
    return membership.record();
  }

  @Override
  public void join(EndpointSpec endpoint) {
    membership.join(endpoint);
  }

  @Override
  public void leave(String networkId, Consumer<SandboxRecord> first) {
    membership.leave(networkId, first);
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      membership.release();
    }
  }

  /** Content of the two files; empty for a sandbox that was adopted, whose files are there. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Files(byte[] resolvConf, FileContent hosts) {
    static final Files ADOPTED = new Files(new byte[0], file -> {});
  }
}
