package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers whose shim is killed: the end is told, though nobody knows how it came. */
@Timeout(60)
class LostShimIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void isAnEndByAnUnknownCode() throws Exception {
    String id = host.start(host.spec("box").sh("echo up; sleep 1000"));
    EngineFixture.await("the log", () -> host.log(id).equals("up\n"));
    killShim(host.view(id));
    assertThat(host.containers().await(id)).isEqualTo(255);
    isToldAsLost(host.view(id));
    EngineFixture.await("the event", () -> host.events.stream().anyMatch(e -> isEnd(e, id)));
    assertThat(host.log(id)).isEqualTo("up\n");
    host.reopen();
    isToldAsLost(host.view(id));
    host.containers().start(id);
    assertThat(host.view(id).state()).isEqualTo(State.RUNNING);
    assertThat(host.view(id).error()).isEmpty();
  }

  @Test
  void isFoundByTheNextEngine() throws Exception {
    String id = host.start(host.spec("box").sh("sleep 1000"));
    ContainerView view = host.view(id);
    host.shut();
    killShim(view);
    host.open();
    isToldAsLost(host.view(id));
    assertThat(host.container(id).resolve("exit")).content().contains("\nlost=1\n");
    EngineFixture.await(
        "the container's processes to end", () -> ProcessHandle.of(view.pid()).isEmpty());
  }

  @Test
  void oneThatIsSilentKeepsNothingElseFromComingBackAndIsTakenOverWhenItAnswers() throws Exception {
    host.network("net");
    String id = host.start(host.spec("silent").sh("exec sleep 1000").on("net"));
    host.start(host.spec("other").on("net"));
    ContainerView before = host.view(id);
    ProcessHandle shim = shim(before);
    host.shut();
    EngineFixture.shell("kill -STOP " + shim.pid());
    try {
      host.open();
      assertThat(host.exec("other", "echo here")).isEqualTo("here\n");
      assertThat(host.view(id).state()).isEqualTo(State.RUNNING);
      assertThat(host.view(id).error()).contains("does not answer");
      assertThat(host.view(id).endpoints()).isEqualTo(before.endpoints());
      host.containers().start(id);
      assertThat(host.containers().list(Map.of())).hasSize(2);
      assertThatThrownBy(() -> host.exec("silent", "true"))
          .isInstanceOf(JcomposeException.Unavailable.class);
      assertThatThrownBy(() -> host.containers().remove("silent", true, true))
          .isInstanceOf(JcomposeException.Unavailable.class);
    } finally {
      EngineFixture.shell("kill -CONT " + shim.pid());
    }
    EngineFixture.await("the shim's answer", () -> host.view(id).error().isEmpty());
    assertThat(host.view(id).pid()).isEqualTo(before.pid());
    assertThat(host.exec("silent", "ip -o -4 addr show eth0"))
        .contains(before.endpoints().getFirst().ipv4Address());
    host.containers().stop(id, Duration.ZERO, false);
    assertThat(host.view(id).exitCode()).isEqualTo(137);
  }

  @Test
  void oneThatIsKilledAfterItWasSilentIsToldAsLost() throws Exception {
    String id = host.start(host.spec("silent").sh("exec sleep 1000"));
    ContainerView before = host.view(id);
    ProcessHandle shim = shim(before);
    host.shut();
    EngineFixture.shell("kill -STOP " + shim.pid());
    host.open();
    assertThat(host.view(id).error()).contains("does not answer");
    killShim(before);
    EngineFixture.await("the event", () -> host.events.stream().anyMatch(e -> isEnd(e, id)));
    isToldAsLost(host.view(id));
    EngineFixture.await(
        "the container's processes to end", () -> ProcessHandle.of(before.pid()).isEmpty());
    host.containers().start(id);
    assertThat(host.view(id).error()).isEmpty();
  }

  /** As a shim without memory or room for one more does. Only its socket tells that it is gone. */
  @Test
  void oneThatTakesNoConnectionIsLeftAloneAndTakenOverWhenItDoes() throws Exception {
    String id = host.start(host.spec("busy").sh("exec sleep 1000"));
    ContainerView before = host.view(id);
    host.shut();
    Path socket = host.root.resolve("run/tasks").resolve(id.substring(0, 16)).resolve("ctl");
    Path real = Files.move(socket, socket.resolveSibling("real"));
    try (ServerSocketChannel full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      full.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofPlatform().daemon().start(() -> refuseAll(full));
      host.open();
      assertThat(host.view(id).state()).isEqualTo(State.RUNNING);
      assertThat(host.view(id).error()).contains("does not answer");
      host.reopen(); // an engine that ends while it asks proves nothing either
      assertThat(host.view(id).state()).isEqualTo(State.RUNNING);
      Files.move(real, socket, StandardCopyOption.REPLACE_EXISTING);
    }
    EngineFixture.await("the shim's answer", () -> host.view(id).error().isEmpty());
    assertThat(host.view(id).pid()).isEqualTo(before.pid());
    assertThat(host.exec("busy", "echo here")).isEqualTo("here\n");
  }

  private static void refuseAll(ServerSocketChannel full) {
    try {
      while (full.isOpen()) {
        full.accept().close();
      }
    } catch (IOException e) {
      // closed by the test
    }
  }

  private static ProcessHandle shim(ContainerView view) {
    return ProcessHandle.of(view.pid()).orElseThrow().parent().orElseThrow();
  }

  private static void isToldAsLost(ContainerView view) {
    assertThat(view.state()).isEqualTo(State.EXITED);
    assertThat(view.exitCode()).isEqualTo(255);
    assertThat(view.error()).contains("its jcompose-shim crashed or was killed");
  }

  private static boolean isEnd(EngineEvent event, String id) {
    return event instanceof EngineEvent.ContainerExited end
        && end.id().equals(id)
        && end.exitCode() == 255
        && !end.requested();
  }

  private static void killShim(ContainerView view) {
    ProcessHandle shim = shim(view);
    assertThat(shim.destroyForcibly()).isTrue();
    EngineFixture.await("the shim to end", () -> !shim.isAlive());
  }
}
