package io.jcompose.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Networks} keeps. */
@Timeout(300)
public abstract class NetworksContract {
  private static final String SUBNET = "10.213.7.0/24";

  /** The implementation; the same one all through a test. */
  protected abstract PortsFixture ports();

  @Test
  void aNewNetworkIsFoundByItsIdByABeginningOfItAndByItsName() {
    String id = networks().create(spec("one", "", Map.of()));
    for (String ref : List.of(id, id.substring(0, 12), "one")) {
      assertThat(networks().find(ref)).as(ref).map(NetworkView::id).contains(id);
    }
    assertThat(networks().find("on")).isEmpty();
    assertThat(networks().find("")).isEmpty();
  }

  @Test
  void whatTheSpecLeavesOpenIsChosenForEachNetworkAnew() {
    networks().create(spec("one", "", Map.of()));
    networks().create(spec("two", "", Map.of()));
    NetworkSpec one = view("one").spec();
    assertThat(one.driver()).isEqualTo("bridge");
    assertThat(one.pools()).hasSize(1);
    assertThat(one.pools().getFirst().subnet()).contains("/");
    assertThat(one.pools().getFirst().gateway()).isNotEmpty();
    assertThat(view("two").spec().pools()).doesNotContainAnyElementsOf(one.pools());
  }

  @Test
  void aNameIsTakenUntilItsNetworkIsGone() {
    String id = networks().create(spec("one", "", Map.of()));
    assertConflict(
        () -> networks().create(spec("one", "", Map.of("a", "1"))),
        "network with name one already exists");
    assertThat(networks().list(Map.of())).extracting(NetworkView::id).containsExactly(id);
    networks().remove(id);
    assertThat(networks().find("one")).isEmpty();
    assertThat(networks().create(spec("one", "", Map.of()))).isNotEqualTo(id);
  }

  @Test
  void aRemovalOfWhatIsGoneSucceeds() {
    networks().create(spec("one", "", Map.of()));
    networks().create(spec("two", "", Map.of()));
    networks().remove("one");
    networks().remove("one");
    networks().remove("none");
    assertThat(names(Map.of())).containsExactly("two");
  }

  @Test
  void aSubnetThatAnotherNetworkHasIsAProblemAndAConflict() {
    String id = networks().create(spec("one", SUBNET, Map.of()));
    assertThat(view("one").spec().pools().getFirst().subnet()).isEqualTo(SUBNET);
    NetworkSpec second = spec("two", SUBNET, Map.of());
    assertThat(networks().problems(second, ""))
        .singleElement()
        .isInstanceOf(JcomposeException.Conflict.class);
    assertThat(networks().problems(second, id)).as("when the other one goes before").isEmpty();
    assertThat(networks().problems(spec("two", "", Map.of()), "")).isEmpty();
    assertConflict(() -> networks().create(second), "Pool overlaps");
    assertThat(names(Map.of())).containsExactly("one");
    networks().remove("one");
    networks().create(second);
  }

  @Test
  void aListHasWhatCarriesAllLabelsByName() {
    networks().create(spec("two", "", Map.of("a", "1")));
    networks().create(spec("one", "", Map.of("a", "1", "b", "2")));
    networks().create(spec("three", "", Map.of("a", "")));
    assertThat(names(Map.of())).containsExactly("one", "three", "two");
    assertThat(names(Map.of("a", ""))).containsExactly("one", "three", "two");
    assertThat(names(Map.of("a", "1"))).containsExactly("one", "two");
    assertThat(names(Map.of("a", "1", "b", ""))).containsExactly("one");
    assertThat(names(Map.of("a", "2"))).isEmpty();
  }

  @Test
  void aNetworkStaysAsLongAsAContainerRunsOnIt() {
    String id = networks().create(spec("net", "", Map.of()));
    containers().create(Specs.on(ports().lasting("one"), "net"));
    assertThat(endpoint("one").networkId()).isEmpty();
    containers().start("one");
    assertThat(endpoint("one").networkName()).isEqualTo("net");
    assertThat(endpoint("one").networkId()).isEqualTo(id);
    assertConflict(() -> networks().remove("net"), "network net has active endpoints (name:\"one");
    assertThat(networks().find("net")).isPresent();
    containers().stop("one", null, true);
    assertThat(endpoint("one").networkId()).isEmpty();
    networks().remove("net");
    assertThat(networks().find("net")).isEmpty();
  }

  @Test
  void withoutItsNetworkAContainerDoesNotStartAndSaysWhy() {
    networks().create(spec("net", "", Map.of()));
    containers().create(Specs.on(ports().lasting("one"), "net"));
    networks().remove("net");
    assertThatThrownBy(() -> containers().start("one"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("network net not found");
    ContainerView failed = containers().find("one").orElseThrow();
    assertThat(failed.state()).isEqualTo(State.CREATED);
    assertThat(failed.error()).contains("network net not found");
    assertThat(failed.exitCode()).isEqualTo(128);
    networks().create(spec("net", "", Map.of()));
    containers().start("one");
    assertThat(containers().find("one").orElseThrow().error()).isEmpty();
  }

  private EndpointView endpoint(String container) {
    return containers().find(container).orElseThrow().endpoints().getFirst();
  }

  /**
   * @param subnet empty leaves it open
   */
  private static NetworkSpec spec(String name, String subnet, Map<String, String> labels) {
    List<Pool> pools = subnet.isEmpty() ? List.of() : List.of(new Pool(subnet, "", "", Map.of()));
    return NetworkSpec.of(name).with().pools(pools).labels(labels).build();
  }

  private List<String> names(Map<String, String> labels) {
    return networks().list(labels).stream().map(NetworkView::name).toList();
  }

  private NetworkView view(String ref) {
    return networks().find(ref).orElseThrow();
  }

  private static void assertConflict(Runnable work, String why) {
    assertThatThrownBy(work::run)
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining(why);
  }

  private Networks networks() {
    return ports().networks();
  }

  private Containers containers() {
    return ports().containers();
  }
}
