package io.jcompose.network.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.AddressPool;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReservationsTest {
  private final List<NetworkView> networks = new CopyOnWriteArrayList<>();
  private final Reservations reservations =
      new Reservations(List.of(new AddressPool("10.90.0.0/16", 24)), networks::stream);

  private static NetworkSpec spec(String name, String subnet) {
    List<Pool> pools = subnet.isEmpty() ? List.of() : List.of(new Pool(subnet, "", "", Map.of()));
    return NetworkSpec.of(name).withPools(pools);
  }

  private NetworkView made(NetworkSpec spec, List<Pool> pools) {
    NetworkSpec full = NetworkSpec.of(spec.name()).with().driver("bridge").pools(pools).build();
    NetworkView network = new NetworkView("id-" + spec.name(), full, Instant.now());
    networks.add(network);
    return network;
  }

  private CompletableFuture<List<Pool>> askBeside(NetworkSpec spec) throws InterruptedException {
    CompletableFuture<List<Pool>> asked = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                asked.complete(reservations.reserve(spec, HostRoutes.NONE));
              } catch (RuntimeException e) {
                asked.completeExceptionally(e);
              }
            });
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !asked.isDone()) {
      Thread.onSpinWait();
    }
    assertThat(asked).as("it waits").isNotDone();
    return asked;
  }

  @Test
  void whoAsksForANetworkThatIsBeingMadeIsToldOnceItIsThere() throws Exception {
    NetworkSpec spec = spec("shared", "");
    List<Pool> pools = reservations.reserve(spec, HostRoutes.NONE);
    CompletableFuture<List<Pool>> second = askBeside(spec);
    made(spec, pools);
    reservations.giveBack(spec);
    assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("network with name shared already exists");
  }

  @Test
  void whoAsksForANetworkThatCouldNotBeMadeMakesIt() throws Exception {
    NetworkSpec spec = spec("shared", "");
    List<Pool> pools = reservations.reserve(spec, HostRoutes.NONE);
    CompletableFuture<List<Pool>> second = askBeside(spec);
    reservations.giveBack(spec);
    assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(pools);
  }

  @Test
  void aNetworkMayHaveTheSubnetOfTheOneThatItTakesThePlaceOf() {
    NetworkSpec spec = spec("n", "10.91.0.0/24");
    NetworkView former = made(spec, reservations.reserve(spec, HostRoutes.NONE));
    reservations.giveBack(spec);
    NetworkSpec inside = spec("n", "10.91.0.0/25");
    assertThatCode(() -> reservations.check(inside, former.id())).doesNotThrowAnyException();
    assertThatThrownBy(() -> reservations.check(inside, ""))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("Pool overlaps");
  }
}
