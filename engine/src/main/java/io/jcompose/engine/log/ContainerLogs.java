package io.jcompose.engine.log;

import io.jcompose.core.ContainerSpec;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.runtime.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the engine does with the log files that shims write: packs rotated ones and sends records
 * on, where a container asks for it. Thread-safe.
 */
public final class ContainerLogs implements AutoCloseable {
  private final EngineConfig config;
  private final Function<ContainerRecord, List<String>> env;
  private final LogForwarding forwarding;
  private final LogPacking packing = new LogPacking();

  /**
   * @param env a container's variables, image and spec merged
   */
  public ContainerLogs(
      EngineConfig config, Function<ContainerRecord, List<String>> env, LogFollowers followers) {
    this.config = config;
    this.env = env;
    this.forwarding = new LogForwarding(followers);
  }

  /**
   * Goes on with what an earlier engine left undone.
   *
   * @param task null when none runs
   */
  public void resume(Container container, @Nullable Task task) {
    pack(container, task);
    forward(container);
  }

  /** Packs what is rotated; {@code task} is null when none runs. */
  public void pack(Container container, @Nullable Task task) {
    ContainerSpec.Logging logging = container.record().spec().logging();
    if (!logging.driver().equals("none") && LogOptions.of(logging).packed()) {
      packing.begin(file(container), task);
    }
  }

  /** Sends on what is written, as far as the driver says so. */
  public void forward(Container container) {
    ContainerRecord record = container.record();
    if (LogForwarding.isFor(record)) {
      forwarding.begin(record, env.apply(record), file(container), () -> container.run() != null);
    }
  }

  @Override
  public void close() {
    forwarding.close();
  }

  private Path file(Container container) {
    return config.log(container.id());
  }
}
