package io.jcompose.cli.engine;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the engine does when the machine goes down: each container gets its own stop signal and its
 * own time, and comes back at the next boot as after a crash. Left to the service manager they
 * would all be asked by SIGTERM, which the first process of a container does not see unless it
 * handles it, and hold the machine up for a minute and a half.
 */
record HostShutdown(Containers containers) {
  /** The unit leaves the engine half a minute more, to close what is its own. */
  static final Duration LIMIT = Duration.ofSeconds(90);

  private static final Logger LOG = LoggerFactory.getLogger(HostShutdown.class);
  private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final int ASKING_SECONDS = 5;

  /** Whether systemd takes the machine down: {@code systemctl is-system-running}. */
  static boolean isUnderWay() {
    try {
      Process asked =
          new ProcessBuilder("systemctl", "is-system-running")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      asked.getOutputStream().close();
      if (!asked.waitFor(ASKING_SECONDS, TimeUnit.SECONDS)) {
        asked.destroyForcibly();
        return false;
      }
      String answer = new String(asked.getInputStream().readNBytes(64), StandardCharsets.UTF_8);
      return answer.strip().equals("stopping");
    } catch (IOException e) {
      LOG.warn("cannot ask whether the machine goes down: {}", e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends all that run, at once; returns when they have ended, or their time is over. */
  void endAll() {
    List<ContainerView> running =
        containers.list(Map.of()).stream().filter(ContainerView::isRunning).toList();
    LOG.info("the machine goes down: {} containers are stopped", running.size());
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      running.forEach(view -> each.execute(() -> end(view)));
    }
  }

  private void end(ContainerView view) {
    try {
      containers.stop(view.id(), limited(view.spec().lifecycle().stopTimeout()), false);
    } catch (RuntimeException e) {
      LOG.warn("failed to stop container {}: {}", view.name(), e.toString());
    }
  }

  private static Duration limited(@Nullable Duration own) {
    Duration wanted = own == null ? DEFAULT_STOP_TIMEOUT : own;
    return wanted.isNegative() || wanted.compareTo(LIMIT) > 0 ? LIMIT : wanted;
  }
}
