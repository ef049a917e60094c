package io.jcompose.scheduler.plan;

import static io.jcompose.scheduler.ProjectsFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whose namespace another shares takes that one along when it starts anew. */
@Timeout(60)
class NamespaceSharersTest {
  private static final Sketch SHOP =
      new Sketch()
          .service("vpn", "1", 1, "", "always")
          .service("app", "1", 1, "vpn:service_started:false", "no")
          .sharing("app", "vpn");

  private final ProjectsFixture host;
  private final FakeEngine engine;

  NamespaceSharersTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
  }

  @BeforeEach
  void bringUp() {
    host.open();
    up();
    engine.calls.clear();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private void up() {
    ProjectsFixture.up(host.projects(), SHOP.translation(), UpOptions.DEFAULT, host.progress);
  }

  @Test
  void aRestartOfTheOwnerRestartsThem() {
    host.projects().restart(Target.of("shop", List.of("vpn")), null, false, host.progress);
    assertThat(engine.callsOf("stop")).containsExactly("stop shop-app-1", "stop shop-vpn-1");
    assertThat(engine.callsOf("start")).containsExactly("start shop-vpn-1", "start shop-app-1");
  }

  @Test
  void aContainerThatIsNotThereIsToldBeforeAnythingIsMade() {
    Sketch strange =
        new Sketch().service("app", "2", 1, "", "no").inNamespace("app", "container:nosuch");
    assertThatThrownBy(
            () ->
                ProjectsFixture.up(
                    host.projects(), strange.translation(), UpOptions.DEFAULT, host.progress))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("service app: No such container: nosuch");
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void aStartOfTheOwnerRestartsThem() {
    host.projects().stop(Target.of("shop", List.of("vpn")), null, host.progress);
    engine.calls.clear();
    host.projects().start(Target.of("shop", List.of("vpn")), host.progress);
    assertThat(engine.callsOf("stop")).containsExactly("stop shop-app-1");
    assertThat(engine.callsOf("start")).containsExactly("start shop-vpn-1", "start shop-app-1");
  }

  @Test
  void anUpHealsWhatAnotherStartHasLeft() {
    engine.ports().containers().stop("shop-vpn-1", null, true);
    engine.ports().containers().start("shop-vpn-1");
    engine.calls.clear();
    up();
    assertThat(engine.calls).containsExactly("stop shop-app-1", "start shop-app-1");
    engine.calls.clear();
    up();
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void anUpThatStartsTheOwnerRestartsThem() {
    engine.ports().containers().stop("shop-vpn-1", null, true);
    engine.calls.clear();
    up();
    assertThat(engine.calls) // the first two wait for nothing, so either may come first
        .containsExactlyInAnyOrder("stop shop-app-1", "start shop-vpn-1", "start shop-app-1")
        .endsWith("start shop-app-1");
  }

  @Test
  void aCrashOfTheOwnerRestartsThem() {
    engine.die("shop-vpn-1", 1);
    until(() -> engine.calls.contains("restarted shop-app-1"));
    assertThat(engine.calls)
        .containsSubsequence("restart shop-vpn-1", "stop shop-app-1", "start shop-app-1");
  }
}
