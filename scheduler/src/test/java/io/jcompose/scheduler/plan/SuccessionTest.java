package io.jcompose.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of data that has no name when containers are replaced, scaled down or orphaned. */
@Timeout(60)
class SuccessionTest {
  private final ProjectsFixture host;
  private final FakeEngine engine;

  SuccessionTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
    host.open();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static Sketch db(String hash) {
    return new Sketch().anonymous("/data").service("db", hash, 1, "", "always");
  }

  private void up(Sketch sketch, UpOptions options) {
    ProjectsFixture.up(host.projects(), sketch.translation(), options, host.progress);
  }

  private void up(Sketch sketch) {
    up(sketch, UpOptions.DEFAULT);
  }

  private String volume(String container) {
    return engine.find(container).orElseThrow().anonymousVolumes().get("/data");
  }

  /** A container that is no project's, on the network. */
  private void stranger(String name) {
    ContainerSpec s = ContainerSpec.of(name, "busybox");
    Networking on =
        Networking.NONE
            .with()
            .mode("networks")
            .endpoints(List.of(EndpointSpec.of("shop_default", List.of())))
            .build();
    String id =
        engine
            .ports()
            .containers()
            .create(
                s.with()
                    .name(name)
                    .imageId("sha256:busybox")
                    .labels(Map.of())
                    .networking(on)
                    .build());
    engine.ports().containers().start(id);
    engine.calls.clear();
  }

  @Test
  void aNetworkThatCannotBeHadChangesNothing() {
    up(db("1"));
    String id = engine.find("shop-db-1").orElseThrow().id();
    engine.calls.clear();
    engine.impossible.add("shop_default");
    assertThatThrownBy(() -> up(db("1").network("n2")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("network shop_default: Pool overlaps");
    assertThat(engine.calls).isEmpty();
    assertThat(engine.find(id)).get().extracting(ContainerView::state).isEqualTo(State.RUNNING);
  }

  @Test
  void aNetworkWithAnothersContainersIsNotMadeAnew() {
    up(db("1"));
    stranger("stranger");
    assertThatThrownBy(() -> up(db("1").network("n2")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("stranger is on it and not part of this command: stop it first");
    assertThat(engine.calls).isEmpty();
    assertThat(host.state("shop-db-1")).isEqualTo(State.RUNNING);

    engine.ports().containers().stop("stranger", null, true);
    up(db("1").network("n2"));
    assertThat(host.state("shop-db-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void whenTheNewNetworkFailsTheFormerOneAndWhatRanOnItAreBack() {
    up(db("1"));
    String id = engine.find("shop-db-1").orElseThrow().id();
    String data = volume("shop-db-1");
    engine.refused = "network ";
    engine.refusals = 1;
    assertThatThrownBy(() -> up(db("1").network("n2"))).hasMessage("refused: network shop_default");
    assertThat(engine.text())
        .isEqualTo("shop-db-1 RUNNING\nnetwork shop_default\nvolume shop_data\n");
    assertThat(engine.find("shop-db-1").orElseThrow().id()).isEqualTo(id);
    assertThat(engine.anonymousVolumes()).containsExactly(data);
    assertThat(engine.networks.get("shop_default").spec().labels())
        .containsEntry(Labels.CONFIG_HASH, "n1");

    up(db("1").network("n2"));
    assertThat(volume("shop-db-1")).isEqualTo(data);
  }

  @Test
  void keepsWhatNoRecreateMeansThroughAChangeOfItsNetwork() {
    up(db("1"));
    String id = engine.find("shop-db-1").orElseThrow().id();
    up(db("2").network("n2"), UpOptions.DEFAULT.with().noRecreate(true).build());
    ContainerView now = engine.find("shop-db-1").orElseThrow();
    assertThat(now.id()).isEqualTo(id);
    assertThat(now.endpoints().getFirst().networkId())
        .isEqualTo(engine.networks.get("shop_default").id());
  }

  @Test
  void orphansAndSurplusReplicasLeaveTheirData() {
    Sketch before = db("1").service("w", "1", 2, "", "no");
    up(before);
    List<String> data = engine.anonymousVolumes();
    assertThat(data).hasSize(3);
    Sketch after = new Sketch().anonymous("/data").service("database", "1", 1, "", "always");
    UpOptions orphansToo =
        UpOptions.DEFAULT.with().removeOrphans(true).renewAnonVolumes(true).build();
    up(after.service("w", "1", 1, "", "no"), orphansToo);
    assertThat(engine.list(Map.of()))
        .extracting(ContainerView::name)
        .containsExactly("shop-database-1", "shop-w-1");
    assertThat(engine.anonymousVolumes()).containsAll(data).hasSize(4);
  }

  @Test
  void renewingRemovesWhatTheRecreatedHad() {
    up(db("1"));
    String data = volume("shop-db-1");
    up(db("2"), UpOptions.DEFAULT.with().renewAnonVolumes(true).build());
    assertThat(engine.anonymousVolumes()).hasSize(1).doesNotContain(data);
  }

  @Test
  void mountsNoLongerWhatWasTakenOutOfTheFile() {
    up(db("1"));
    String data = volume("shop-db-1");
    up(new Sketch().service("db", "2", 1, "", "always"));
    assertThat(engine.find("shop-db-1").orElseThrow().anonymousVolumes()).isEmpty();
    assertThat(engine.anonymousVolumes()).containsExactly(data);
  }

  /** The two have the same volume: a database that runs twice on one folder destroys it. */
  @Test
  void startsNoSuccessorBesideItsPredecessor() {
    up(db("1"));
    Desired changed = db("2").desired();
    Map<String, String> ids = Map.of("busybox", "sha256:busybox");
    Observed observed = engine.ports().observe("shop", changed, ids);
    ContainerView old = observed.containers().getFirst();
    ContainerSpec spec = Replica.spec("shop", changed.services().get("db"), 1, "sha256:busybox");
    String successor =
        engine
            .ports()
            .containers()
            .create(
                Replica.successor(
                    AnonymousVolumes.inherit(spec, old.anonymousVolumes(), List.of()), old));
    host.projects().stop(Target.of("shop", List.of()), null, Progress.NONE);
    host.projects().start(Target.of("shop", List.of()), Progress.NONE);
    assertThat(host.state("shop-db-1")).isEqualTo(State.RUNNING);
    assertThat(host.state(successor)).isEqualTo(State.CREATED);
    host.projects().restart(Target.of("shop", List.of()), null, false, Progress.NONE);
    assertThat(host.state(successor)).isEqualTo(State.CREATED);

    up(db("2"));
    assertThat(engine.list(Map.of())).hasSize(1);
    assertThat(volume("shop-db-1")).isEqualTo(old.anonymousVolumes().get("/data"));
  }

  /** A removal that failed half way holds on to no volume, but its successor is to have them. */
  @Test
  void aHalfRemovedPredecessorsDataOutlivesItsFirstSuccessor() {
    up(db("1"));
    String data = volume("shop-db-1");
    ContainerView old = engine.find("shop-db-1").orElseThrow();
    ContainerSpec spec = AnonymousVolumes.inherit(old.spec(), old.anonymousVolumes(), List.of());
    engine.ports().containers().create(Replica.successor(spec, old));
    engine.put(engine.with(old, State.REMOVING, 0, 0, false, old.health()));
    up(db("2"));
    assertThat(engine.list(Map.of())).hasSize(1);
    assertThat(volume("shop-db-1")).isEqualTo(data);
    assertThat(engine.anonymousVolumes()).containsExactly(data);
  }

  /** Its temporary name ends as the file had it then. */
  @Test
  void knowsASuccessorByItsPredecessorAlsoWhenTheFileNamesItOtherwise() {
    up(db("1"));
    String data = volume("shop-db-1");
    ContainerView old = engine.find("shop-db-1").orElseThrow();
    ContainerSpec spec = old.spec().withName("pg");
    engine
        .ports()
        .containers()
        .create(
            Replica.successor(
                AnonymousVolumes.inherit(spec, old.anonymousVolumes(), List.of()), old));
    up(db("2"));
    assertThat(engine.text()).startsWith("shop-db-1 RUNNING\nnetwork");
    assertThat(volume("shop-db-1")).isEqualTo(data);
  }

  /** Its own name, such as a container_name, moved to another service. */
  @Test
  void aNewContainerTakesTheNameOfAnOrphanOnceThatIsGone() {
    up(new Sketch().called("pg").anonymous("/data").service("db", "1", 1, "", "always"));
    String data = volume("pg");
    Sketch renamed =
        new Sketch().called("pg").anonymous("/data").service("database", "1", 1, "", "always");
    assertThatThrownBy(() -> up(renamed)).hasMessageContaining("name \"/pg\" is already in use");
    assertThat(host.state("pg")).isEqualTo(State.RUNNING);

    up(renamed, UpOptions.DEFAULT.with().removeOrphans(true).build());
    assertThat(engine.list(Map.of())).hasSize(1);
    assertThat(engine.find("pg").orElseThrow().labels()).containsEntry(Labels.SERVICE, "database");
    assertThat(volume("pg")).isNotEqualTo(data);
    assertThat(engine.anonymousVolumes()).contains(data);
  }

  @Test
  void servicesMaySwapTheirNames() {
    up(
        new Sketch()
            .called("x")
            .service("a", "1", 1, "", "no")
            .called("y")
            .service("b", "1", 1, "", "no"));
    up(
        new Sketch()
            .called("y")
            .service("a", "2", 1, "", "no")
            .called("x")
            .service("b", "2", 1, "", "no"));
    assertThat(engine.find("x").orElseThrow().labels()).containsEntry(Labels.SERVICE, "b");
    assertThat(engine.find("y").orElseThrow().labels()).containsEntry(Labels.SERVICE, "a");
    assertThat(engine.list(Map.of())).hasSize(2);
  }
}
