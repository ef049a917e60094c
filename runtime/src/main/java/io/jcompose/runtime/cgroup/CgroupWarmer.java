package io.jcompose.runtime.cgroup;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the kernel's wait before a process may change its cgroup beforehand, on a thread of its
 * own. Safe for use by many threads.
 */
public final class CgroupWarmer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupWarmer.class);

  private final CgroupHost host;
  private final ExecutorService warming =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("cgroup-warmer").factory());
  private final AtomicBoolean isWarming = new AtomicBoolean();

  public CgroupWarmer(CgroupHost host) {
    this.host = host;
  }

  /** Does not block, and does nothing on a machine with cgroup v2 alone. */
  public void warm() {
    if (host.v1().isEmpty() || !isWarming.compareAndSet(false, true)) {
      return;
    }
    warming.execute(
        () -> {
          try {
            host.warm();
          } catch (IOException e) {
            LOG.debug("cannot warm the cgroup lock: {}", e.toString());
          } finally {
            isWarming.set(false);
          }
        });
  }

  @Override
  public void close() {
    warming.shutdown();
  }
}
