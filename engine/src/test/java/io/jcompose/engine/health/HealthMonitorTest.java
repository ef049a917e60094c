package io.jcompose.engine.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerDetails.Probe;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthMonitorTest {
  private static final String ID = "a".repeat(64);
  private static final long LIMIT_SECONDS = 30;
  private static final Health OFTEN =
      new Health(List.of("CMD", "x"), Duration.ofMillis(5), null, null, null, 1);

  private final HealthMonitor monitor = new HealthMonitor();
  private final BlockingQueue<Probe> probes = new LinkedBlockingQueue<>();
  private final BlockingQueue<HealthStatus> told = new LinkedBlockingQueue<>();
  private volatile int exitCode;
  private volatile boolean frozen;

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void probesAgainAndAgain() throws InterruptedException {
    watch();
    take(probes);
    take(probes);
    assertThat(take(told)).isEqualTo(HealthStatus.HEALTHY);
    exitCode = 1;
    assertThat(take(told)).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void aPausedContainerIsNotProbedAndKeepsItsHealth() throws InterruptedException {
    watch();
    assertThat(take(told)).isEqualTo(HealthStatus.HEALTHY);
    monitor.pause(ID);
    frozen = true; // a probe now would fail
    probes.clear();
    assertThat(probes.poll(200, TimeUnit.MILLISECONDS)).isNull();
    frozen = false;
    monitor.resume(ID);
    assertThat(take(probes).exitCode()).isZero();
    assertThat(told).isEmpty();
  }

  @Test
  void aProbeThatAPauseInterruptsDoesNotCount() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch paused = new CountDownLatch(1);
    Run slow =
        new Run() {
          @Override
          public StreamSession exec(ExecSpec spec) {
            begun.countDown();
            await(paused);
            return super.exec(spec);
          }
        };
    exitCode = 1;
    monitor.watch(ID, OFTEN, Duration.ZERO, slow);
    await(begun);
    monitor.pause(ID);
    paused.countDown();
    assertThat(probes.poll(100, TimeUnit.MILLISECONDS)).isNull();
    exitCode = 0;
    monitor.resume(ID);
    assertThat(take(told)).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void nothingIsToldAfterTheStop() throws InterruptedException {
    watch();
    assertThat(take(told)).isEqualTo(HealthStatus.HEALTHY);
    monitor.stop(ID);
    exitCode = 1;
    assertThat(told.poll(100, TimeUnit.MILLISECONDS)).isNull();
    monitor.pause(ID);
    monitor.resume(ID);
    assertThat(told.poll(50, TimeUnit.MILLISECONDS)).isNull();
  }

  private void watch() {
    monitor.watch(ID, OFTEN, Duration.ZERO, new Run());
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(taken).isNotNull();
    return taken;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private class Run implements HealthMonitor.Probed {
    @Override
    public StreamSession exec(ExecSpec spec) {
      if (frozen) {
        throw new JcomposeException.Conflict("it is paused");
      }
      return new FakeSession(exitCode, new CountDownLatch(1));
    }

    @Override
    public void probed(Probe probe, int streak) {
      probes.add(probe);
    }

    @Override
    public void healthChanged(HealthStatus status) {
      told.add(status);
    }
  }
}
