package io.jcompose.engine.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView;
import io.jcompose.core.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LifeCycleLogTest {
  private static final Instant NOW = Instant.EPOCH;
  private static final String ID = "0123456789abcdef";

  private final LifeCycleLog log = new LifeCycleLog(id -> Optional.empty());

  @Test
  void tellsWhatBecomesOfAContainer() {
    assertThat(log.line(new EngineEvent.ContainerStarted(ID, "shop-db-1", Map.of(), NOW)))
        .isEqualTo("shop-db-1 (0123456789ab) started");
    assertThat(
            log.line(
                new EngineEvent.HealthChanged(
                    ID, "shop-db-1", Map.of(), ContainerView.HealthStatus.UNHEALTHY, NOW)))
        .isEqualTo("shop-db-1 (0123456789ab) is unhealthy");
    assertThat(log.line(acted("kill", Map.of("signal", "15")))).endsWith(" kill {signal=15}");
  }

  @Test
  void anEndHasItsReason() {
    assertThat(log.line(exited(0, false, true)))
        .endsWith("ended as asked with exit code 0 after 7 s");
    assertThat(log.line(exited(1, false, false)))
        .endsWith("ended by itself with exit code 1 after 7 s");
    assertThat(log.line(exited(137, true, false))).endsWith(": it ran out of memory");
  }

  @Test
  void probesAndExecsAreNotTold() {
    assertThat(log.line(acted("exec_start: sh -c secret", Map.of()))).isEmpty();
    assertThat(log.line(acted("exec_die", Map.of("exitCode", "0")))).isEmpty();
  }

  private static EngineEvent exited(int code, boolean oom, boolean requested) {
    return new EngineEvent.ContainerExited(
        ID, "a", Map.of(), code, oom, requested, Duration.ofSeconds(7), NOW);
  }

  private static EngineEvent acted(String action, Map<String, String> attributes) {
    return new EngineEvent.ContainerActed(ID, "a", Map.of(), action, attributes, NOW);
  }
}
