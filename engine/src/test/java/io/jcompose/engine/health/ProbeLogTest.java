package io.jcompose.engine.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerDetails.Probe;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProbeLogTest {
  @Test
  void keepsTheLastFive() {
    ProbeLog log = ProbeLog.EMPTY;
    for (int code = 0; code < 7; code++) {
      log = log.with(new Probe(Instant.EPOCH, Instant.EPOCH, code, ""), code);
    }
    assertThat(log.last()).extracting(Probe::exitCode).containsExactly(2, 3, 4, 5, 6);
    assertThat(log.streak()).isEqualTo(6);
  }
}
