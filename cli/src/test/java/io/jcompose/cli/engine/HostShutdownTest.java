package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HostShutdownTest {
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final CountDownLatch all = new CountDownLatch(4);

  private static ContainerView view(String name, State state, @Nullable Duration timeout) {
    ContainerSpec plain = ContainerSpec.of(name, "busybox");
    return new ContainerView(
        name,
        plain.with().lifecycle(plain.lifecycle().with().stopTimeout(timeout).build()).build(),
        "sha256:" + "b".repeat(64),
        state,
        42,
        0,
        false,
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        null,
        0,
        false,
        ContainerView.HealthStatus.NONE,
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Duration.ZERO);
  }

  private Containers containers(List<ContainerView> views) {
    return (Containers)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Containers.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("list")) {
                return views;
              }
              stopped.add(method.getName() + " " + List.of(arguments));
              all.countDown();
              all.await(); // until each of the others is asked, too
              if (arguments[0].equals("bad")) {
                throw new JcomposeException.Unavailable("its shim does not answer");
              }
              return null;
            });
  }

  @Test
  @Timeout(20)
  void whatRunsIsStoppedAtOnceInItsOwnTimeAndComesBack() {
    new HostShutdown(
            containers(
                List.of(
                    view("plain", State.RUNNING, null),
                    view("bad", State.RUNNING, Duration.ofSeconds(3)),
                    view("slow", State.PAUSED, Duration.ofMinutes(9)),
                    view("never", State.RUNNING, Duration.ofSeconds(-1)),
                    view("over", State.EXITED, null),
                    view("waits", State.RESTARTING, null))))
        .endAll();
    assertThat(stopped)
        .containsExactlyInAnyOrder(
            "stop [plain, PT10S, false]",
            "stop [bad, PT3S, false]",
            "stop [slow, PT1M30S, false]",
            "stop [never, PT1M30S, false]");
  }
}
