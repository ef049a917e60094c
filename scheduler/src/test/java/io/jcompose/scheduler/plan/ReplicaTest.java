package io.jcompose.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.desired.Desired;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaTest {
  private final Desired.Service web =
      new Sketch().service("web", "1", 2, "", "no").desired().services().get("web");
  private final FakeEngine engine = new FakeEngine().image("busybox");

  @Test
  void isNamedByProjectServiceAndNumberUnlessTheFileNamesIt() {
    assertThat(Replica.name("shop", web, 2)).isEqualTo("shop-web-2");
    Desired.Service called =
        new Sketch()
            .called("front")
            .service("web", "1", 1, "", "no")
            .desired()
            .services()
            .get("web");
    assertThat(Replica.name("shop", called, 2)).isEqualTo("front");
  }

  @Test
  void isLabelledAsDockerComposeLabelsIt() {
    ContainerSpec spec = Replica.spec("shop", web, 2, "sha256:i");
    assertThat(spec.name()).isEqualTo("shop-web-2");
    assertThat(spec.imageId()).isEqualTo("sha256:i");
    assertThat(spec.labels())
        .containsAllEntriesOf(web.template().labels())
        .containsEntry(Labels.CONTAINER_NUMBER, "2")
        .containsEntry(Labels.ONEOFF, "False")
        .containsEntry(Labels.IMAGE, "sha256:i")
        .doesNotContainKey(Labels.REPLACE);
  }

  /** The container's name first, and each name once. */
  @Test
  void isFoundByItsOwnNameAndItsServices() {
    assertThat(Replica.spec("shop", web, 1, "").networking().endpoints())
        .singleElement()
        .extracting(EndpointSpec::aliases)
        .isEqualTo(List.of("shop-web-1", "web"));
    Desired.Service called =
        new Sketch().called("web").service("web", "1", 1, "", "no").desired().services().get("web");
    assertThat(Replica.spec("shop", called, 1, "").networking().endpoints())
        .singleElement()
        .extracting(EndpointSpec::aliases)
        .isEqualTo(List.of("web"));
  }

  @Test
  void aSuccessorHasATemporaryNameAndSaysWhosePlaceItTakes() {
    ContainerSpec spec = Replica.spec("shop", web, 2, "sha256:i");
    ContainerView old = made(spec);
    ContainerSpec successor = Replica.successor(spec, old);
    assertThat(successor.name())
        .matches("[0-9a-f]{12}_shop-web-2")
        .startsWith(old.id().substring(0, 12));
    assertThat(successor.labels()).containsEntry(Labels.REPLACE, "web-2");
    assertThat(successor.networking()).isEqualTo(spec.networking());
    ContainerView made = made(successor);
    assertThat(Replica.isSuccessor(made)).isTrue();
    assertThat(Replica.isSuccessorOf(made, old)).isTrue();
    assertThat(Replica.isSuccessorOf(made, made)).isFalse();
  }

  @Test
  void whatOnlyLooksLikeASuccessorIsNone() {
    ContainerSpec spec = Replica.spec("shop", web, 1, "");
    String temporary = "0123456789ab_shop-web-1";
    Map<String, String> replaces = Map.of(Labels.REPLACE, "web-1");
    String other = "ba9876543210_shop-web-1";
    assertThat(Replica.isSuccessor(made(with(spec, other, Map.of())))).isFalse();
    assertThat(Replica.isSuccessor(made(with(spec, "shop-web-1", replaces)))).isFalse();
    assertThat(Replica.isSuccessor(made(with(spec, "x" + temporary, replaces)))).isFalse();
    ContainerView named = made(with(spec, temporary, replaces));
    assertThat(Replica.isSuccessor(named)).isTrue();
    assertThat(Replica.isSuccessorOf(named, made(spec.withName("other")))).isFalse();
  }

  private static ContainerSpec with(ContainerSpec spec, String name, Map<String, String> labels) {
    return spec.with().name(name).imageId("").labels(labels).build();
  }

  private ContainerView made(ContainerSpec spec) {
    String id = engine.ports().containers().create(spec);
    return engine.find(id).orElseThrow();
  }
}
