package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** An open sandbox. What it holds is given back by {@code release}, once. */
final class OpenSandbox implements Sandbox {
  private final int netnsFd;
  private final List<EndpointView> endpoints;
  private final byte[] resolvConf;
  private final FileContent hosts;
  private final SandboxRecord record;

  /** Null when given back. */
  private final AtomicReference<@Nullable Runnable> release;

  OpenSandbox(
      int netnsFd,
      List<EndpointView> endpoints,
      Files files,
      SandboxRecord record,
      Runnable release) {
    this.netnsFd = netnsFd;
    this.endpoints = List.copyOf(endpoints);
    this.resolvConf = files.resolvConf;
    this.hosts = files.hosts;
    this.record = record;
    this.release = new AtomicReference<>(release);
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
    return endpoints;
  }

  @Override
  public List<PortBinding> ports() {
    return record.ports();
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
    return record;
  }

  @Override
  public void close() {
    Runnable once = release.getAndSet(null);
    if (once != null) {
      once.run();
    }
  }

  /** Content of the two files; empty for a sandbox that was adopted, whose files are there. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Files(byte[] resolvConf, FileContent hosts) {
    static final Files ADOPTED = new Files(new byte[0], file -> {});
  }
}
