package io.jcompose.scheduler.plan;

import static io.jcompose.scheduler.plan.Planning.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a plan makes of networks and volumes that are not there, or are somebody else's. */
class SharedResourcesTest {
  private final Planning planning = new Planning();
  private final Sketch sketch = new Sketch().service("a", "1", 1, "", "no");
  private Desired desired = sketch.desired();

  private ProjectPlan up() {
    Observed observed = planning.engine.ports().observe("shop", desired, planning.imageIds);
    return Reconciler.up(desired, observed, UpOptions.DEFAULT, Set.of());
  }

  private void network(Desired.Network network) {
    desired = desired.withNetworks(Map.of("default", network));
  }

  private void volume(Desired.Volume volume) {
    desired = desired.withVolumes(Map.of("data", volume));
  }

  private Desired.Network network() {
    return desired.networks().get("default");
  }

  private Desired.Volume volume() {
    return desired.volumes().get("data");
  }

  private void exists(Map<String, String> labels) {
    NetworkSpec spec = network().spec().withLabels(labels);
    planning.engine.networks.put(spec.name(), new NetworkView("n", spec, Instant.EPOCH));
  }

  private void volumeExists(Map<String, String> labels) {
    VolumeSpec spec = volume().spec().withLabels(labels);
    planning.engine.volumes.put(
        spec.name(), new VolumeView(spec, Path.of("/v"), Instant.EPOCH, false));
  }

  @Test
  void whatIsExternalMustBeThere() {
    network(network().withExternal(true));
    assertThatThrownBy(this::up)
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("network shop_default declared as external, but could not be found")
        .hasMessageContaining("jcompose network create shop_default");
    exists(Map.of());
    volume(volume().withExternal(true));
    assertThatThrownBy(this::up)
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("external volume \"shop_data\" not found")
        .hasMessageContaining("jcompose volume create shop_data");
  }

  @Test
  void whatIsExternalIsTakenAsItIs() {
    network(network().withExternal(true));
    volume(volume().withExternal(true));
    exists(Map.of(Labels.PROJECT, "shop", Labels.NETWORK, "x", Labels.CONFIG_HASH, "former"));
    volumeExists(Map.of());
    ProjectPlan plan = up();
    assertThat(plan.warnings()).isEmpty();
    assertThat(steps(plan))
        .containsExactly("create container shop-a-1", "start container shop-a-1");
  }

  @Test
  void aNetworkOfNobodyIsUsedWithAWord() {
    exists(Map.of());
    assertThat(up().warnings())
        .containsExactly(
            "a network with name shop_default exists but was not created for project \"shop\"."
                + " Set `external: true` to use an existing network");
  }

  /** Its hash is another project's business. */
  @Test
  void anotherProjectsNetworkIsNeverMadeAnew() {
    exists(Map.of(Labels.PROJECT, "other", Labels.NETWORK, "default", Labels.CONFIG_HASH, "x"));
    ProjectPlan plan = up();
    assertThat(plan.warnings()).hasSize(1);
    assertThat(steps(plan)).noneMatch(step -> step.startsWith("replace"));
  }

  @Test
  void aNetworkOfTheProjectUnderAnotherKeyIsRefused() {
    exists(Map.of(Labels.PROJECT, "shop", Labels.NETWORK, "back", Labels.CONFIG_HASH, "n1"));
    assertThatThrownBy(this::up)
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage(
            "network shop_default was found but has incorrect label com.docker.compose.network"
                + " set to \"back\" (expected: \"default\")");
  }

  @Test
  void theProjectsOwnNetworkIsTakenWithoutAWord() {
    exists(network().spec().labels());
    ProjectPlan plan = up();
    assertThat(plan.warnings()).isEmpty();
    assertThat(steps(plan)).doesNotContain("create network shop_default");
  }

  @Test
  void aChangedNetworkOfTheProjectIsMadeAnew() {
    exists(Map.of(Labels.PROJECT, "shop", Labels.NETWORK, "default", Labels.CONFIG_HASH, "former"));
    assertThat(steps(up())).contains("replace network shop_default");
  }

  @Test
  void aVolumeOfNobodyOrOfOtherSettingsIsUsedWithAWord() {
    volumeExists(Map.of());
    assertThat(up().warnings())
        .singleElement()
        .asString()
        .startsWith("volume \"shop_data\" already exists but was not created by Docker Compose");
    volumeExists(Map.of(Labels.PROJECT, "shop", Labels.CONFIG_HASH, "other"));
    assertThat(up().warnings())
        .singleElement()
        .asString()
        .startsWith("Volume \"shop_data\" exists but doesn't match configuration");
    volumeExists(Map.of(Labels.PROJECT, "shop", Labels.CONFIG_HASH, "v1"));
    assertThat(up().warnings()).isEmpty();
  }

  /** An automatic subnet may be any, also the one that the file states for another network. */
  @Test
  void networksWithAStatedSubnetAreMadeFirst() {
    Desired.Network stated =
        new Desired.Network(
            "back",
            network()
                .spec()
                .withName("shop_back")
                .withPools(List.of(new Networks.Pool("10.1.0.0/24", "", "", Map.of()))),
            "n",
            false);
    Map<String, Desired.Network> both = new LinkedHashMap<>();
    both.put("default", network());
    both.put("back", stated);
    Desired.Service service = desired.services().get("a");
    desired = desired.withNetworks(both);
    desired = desired.withServices(Map.of("a", service.withNetworks(List.of("default", "back"))));
    assertThat(Planning.text(up()))
        .contains("1. create network shop_back  (it", "2. create network shop_default after 1  (");
  }
}
