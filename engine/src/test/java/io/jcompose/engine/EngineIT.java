package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerDetails;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(30)
class EngineIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void runsToTheEndWithItsCodeAndLog() {
    String id = host.create(host.spec("job").sh("echo out; echo err >&2; echo $FROM; exit 7"));
    assertThat(host.view("job").state()).isEqualTo(State.CREATED);
    host.containers().start("job");
    assertThat(host.containers().await("job")).isEqualTo(7);
    assertThat(host.view(id.substring(0, 12)).state()).isEqualTo(State.EXITED);
    assertThat(host.view("job").exitCode()).isEqualTo(7);
    assertThat(host.log("job").lines()).containsExactlyInAnyOrder("out", "err", "image");
    host.containers().remove("job", false, false);
    host.containers().remove("job", false, false);
    assertThat(host.containers().find(id)).isEmpty();
    assertThat(host.container(id)).doesNotExist();
    assertThat(host.events.stream().map(e -> e.getClass().getSimpleName()))
        .filteredOn(name -> name.startsWith("Container"))
        .containsExactly(
            "ContainerCreated", "ContainerStarted", "ContainerExited", "ContainerRemoved");
  }

  @Test
  void refusesATakenNameUntilItIsFree() {
    String id = host.create(host.spec("one"));
    assertThatThrownBy(() -> host.create(host.spec("one")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("The container name \"/one\" is already in use by container \"" + id);
    host.containers().rename("one", "two");
    host.create(host.spec("one"));
    assertThat(host.view("two").id()).isEqualTo(id);
    assertThatThrownBy(() -> host.containers().rename("two", "one"))
        .isInstanceOf(JcomposeException.Conflict.class);
  }

  @Test
  void aRenameThatTheDiskRefusesIsNone() {
    String id = host.create(host.spec("one"));
    String folder = host.container(id).toString();
    EngineFixture.shell("mount --bind " + folder + " " + folder);
    try {
      EngineFixture.shell("mount -o remount,ro,bind " + folder);
      for (int times = 0; times < 2; times++) {
        assertThatThrownBy(() -> host.containers().rename("one", "two"))
            .hasMessageContaining("container.json");
        assertThat(host.view("one").name()).isEqualTo("one");
      }
    } finally {
      EngineFixture.shell("umount " + folder);
    }
    host.create(host.spec("two"));
    host.containers().remove("two", false, false);
    host.containers().rename("one", "two");
    assertThat(host.view(id).name()).isEqualTo("two");
  }

  @Test
  void aVolumeThatSomebodyElseUsesStaysAndTheRestGoes() {
    TestSpec spec = host.spec("owner");
    spec.mounts.add(new MountSpec.Volume("", "/mine", false, false, ""));
    spec.mounts.add(new MountSpec.Volume("", "/shared", false, false, ""));
    String id = host.create(spec);
    Map<String, String> volumes = host.view(id).anonymousVolumes();
    String shared = volumes.get("/shared");
    TestSpec guest = host.spec("guest");
    guest.mounts.add(new MountSpec.Volume(shared, "/old", false, false, ""));
    host.create(guest);
    host.containers().remove("owner", false, true);
    assertThat(host.containers().find(id)).isEmpty();
    assertThat(host.container(id)).doesNotExist();
    assertThat(host.engine().volumes().find(shared)).isPresent();
    assertThat(host.engine().volumes().find(volumes.get("/mine"))).isEmpty();
    host.create(host.spec("owner"));
  }

  @Test
  void saysWhatOfAHealthCheckHasNoEffect() {
    TestSpec spec = host.spec("box");
    Duration second = Duration.ofSeconds(1);
    spec.health = new Health(List.of("CMD", "true"), null, null, null, second, 1);
    assertThat(host.containers().warnings(spec.build()))
        .anyMatch(warning -> warning.contains("start_interval has no effect without"));
    spec.health = new Health(List.of("CMD", "true"), null, null, second, second, 1);
    assertThat(host.containers().warnings(spec.build()))
        .noneMatch(warning -> warning.contains("start_interval"));
  }

  @Test
  void aPauseDoesNotMakeAContainerUnhealthy() throws Exception {
    TestSpec spec = host.spec("box");
    spec.health =
        new Health(
            List.of("CMD-SHELL", "echo p >>/probes"), Duration.ofMillis(50), null, null, null, 1);
    host.start(spec);
    EngineFixture.await("health", () -> host.view("box").health() == HealthStatus.HEALTHY);
    host.containers().pause("box");
    String id = host.view("box").id();
    Path probes = host.container(id).resolve("upper/probes");
    long before = Files.size(probes);
    Thread.sleep(300); // six intervals
    assertThat(Files.size(probes)).isEqualTo(before);
    assertThat(host.view("box").health()).isEqualTo(HealthStatus.HEALTHY);
    host.containers().unpause("box");
    EngineFixture.await(
        "a probe", () -> host.exec("box", "wc -c </probes").strip().compareTo("" + before) != 0);
    assertThat(host.view("box").health()).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void aCreateThatFailsLeavesNothing() {
    TestSpec spec = host.spec("failing");
    spec.mounts.add(new MountSpec.Volume("bad/name", "/v", false, false, ""));
    assertThatThrownBy(() -> host.create(spec)).isInstanceOf(JcomposeException.class);
    assertThatThrownBy(() -> host.containers().create(new TestSpec("failing", "none:1").build()))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("No such image: none:1");
    assertThat(host.left()).isEmpty();
  }

  @Test
  void runsFurtherPrograms() {
    TestSpec spec = host.spec("box");
    spec.env = List.of("OWN=1");
    host.start(spec);
    assertThat(host.exec("box", "echo $FROM $OWN; id -u; cat /etc/hostname"))
        .isEqualTo("image 1\n0\n" + host.view("box").id().substring(0, 12) + "\n");
    host.containers().pause("box");
    assertThat(host.view("box").state()).isEqualTo(State.PAUSED);
    assertThatThrownBy(() -> host.exec("box", "true"))
        .isInstanceOf(JcomposeException.Conflict.class);
    host.containers().unpause("box");
    host.containers().kill("box", "KILL");
    assertThat(host.view("box").exitCode()).isEqualTo(137);
    assertThatThrownBy(() -> host.exec("box", "true"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("is not running");
  }

  @Test
  void anAttachBeforeTheStartMissesNothing() throws Exception {
    TestSpec spec = host.spec("box").sh("echo first; read line; echo got $line");
    spec.stdin = true;
    host.create(spec);
    try (StreamSession session = host.containers().attach("box", true)) {
      host.containers().start("box");
      session.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
      session.stdin().close();
      assertThat(EngineFixture.output(session)).isEqualTo("first\ngot hello\n");
      assertThat(session.exitCode()).isZero();
    }
  }

  @Test
  void countsRestartsUntilAPersonStartsAgain() {
    TestSpec spec = host.spec("box").sh("exit 1");
    host.run(spec);
    host.containers().markRestarting("box", Duration.ofMillis(100));
    assertThat(host.view("box").state()).isEqualTo(State.RESTARTING);
    host.containers().restartAfterExit("box");
    host.containers().await("box");
    host.containers().markRestarting("box", Duration.ofMillis(100));
    host.containers().restartAfterExit("box");
    host.containers().await("box");
    assertThat(host.view("box").restartCount()).isEqualTo(2);
    host.containers().markRestarting("box", Duration.ofMillis(100));
    host.containers().stop("box", null, true);
    assertThat(host.view("box").state()).isEqualTo(State.EXITED);
    host.containers().restartAfterExit("box");
    assertThat(host.view("box").restartCount()).isEqualTo(2);
    host.containers().start("box");
    assertThat(host.view("box").restartCount()).isZero();
    host.containers().await("box");
  }

  @Test
  void whatWaitsForItsRestartIsRemovedByForceOnly() {
    TestSpec spec = host.spec("box").sh("exit 1");
    RestartPolicy always = new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
    spec.lifecycle = new Lifecycle(always, "", null, false);
    host.run(spec);
    assertThat(host.view("box").state()).isEqualTo(State.RESTARTING);
    assertThatThrownBy(() -> host.containers().remove("box", false, true))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("container is restarting: stop the container before removing");
    host.containers().markEnded("box");
    assertThat(host.view("box").state()).isEqualTo(State.EXITED);
    host.containers().remove("box", false, true);
  }

  @Test
  void stopKillsAfterItsTimeout() {
    host.start(host.spec("deaf").sh("trap '' TERM; echo ready; while :; do sleep 1; done"));
    EngineFixture.await("the trap", () -> host.log("deaf").contains("ready"));
    host.containers().stop("deaf", Duration.ofMillis(100), false);
    assertThat(host.view("deaf").exitCode()).isEqualTo(137);
    assertThat(host.view("deaf").manuallyStopped()).isFalse();
    host.start(
        host.spec("polite").sh("trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"));
    EngineFixture.await("the trap", () -> host.log("polite").contains("ready"));
    host.containers().stop("polite", null, true);
    assertThat(host.view("polite").exitCode()).isEqualTo(5);
    assertThat(host.view("polite").manuallyStopped()).isTrue();
    host.reopen();
    assertThat(host.view("polite").manuallyStopped()).isTrue();
    host.containers().start("polite");
    assertThat(host.view("polite").manuallyStopped()).isFalse();
  }

  @Test
  void fillsVolumesFromTheImageAndKeepsThem() {
    TestSpec spec = host.spec("box").sh("cat /data/seed; echo new >> /data/seed");
    spec.mounts.add(new MountSpec.Volume("store", "/data", false, false, ""));
    spec.mounts.add(new MountSpec.Volume("", "/anon", false, false, ""));
    String id = host.run(spec);
    assertThat(host.log(id)).isEqualTo("from the image\n");
    assertThat(host.engine().volumes().list(Map.of())).hasSize(3); // and the image's own
    assertThatThrownBy(() -> host.engine().volumes().remove("store"))
        .isInstanceOf(JcomposeException.Conflict.class);
    host.containers().remove(id, false, true);
    assertThat(host.engine().volumes().list(Map.of())).hasSize(1);
    TestSpec again = host.spec("box").sh("cat /data/seed");
    again.mounts.add(new MountSpec.Volume("store", "/data", true, false, ""));
    assertThat(host.log(host.run(again))).isEqualTo("from the image\nnew\n");
  }

  /** Who rescues data out of a volume that was born without a name must not lose it by that. */
  @Test
  void aVolumeThatIsGivenByItsNameStaysHoweverItWasMade() {
    TestSpec spec = host.spec("first").sh("echo precious > /anon/x");
    spec.mounts.add(new MountSpec.Volume("", "/anon", false, false, ""));
    String volume = host.view(host.run(spec)).anonymousVolumes().get("/anon");
    host.containers().remove("first", false, false);

    TestSpec rescue = host.spec("rescue").sh("cat /old/x");
    rescue.mounts.add(new MountSpec.Volume(volume, "/old", false, false, ""));
    assertThat(host.log(host.run(rescue))).isEqualTo("precious\n");
    assertThat(host.view("rescue").anonymousVolumes().values()).doesNotContain(volume);
    host.containers().remove("rescue", true, true);
    assertThat(host.engine().volumes().find(volume)).isPresent();

    TestSpec heir = host.spec("heir").sh("cat /anon/x");
    heir.mounts.add(new MountSpec.Volume(volume, "/anon", false, true, "", true));
    assertThat(host.log(host.run(heir))).isEqualTo("precious\n");
    host.reopen();
    assertThat(host.view("heir").anonymousVolumes()).containsEntry("/anon", volume);
    host.containers().remove("heir", true, true);
    assertThat(host.engine().volumes().find(volume)).isEmpty();
  }

  /** As beside an interrupted recreation: two have it, and the one that goes takes only its own. */
  @Test
  void aVolumeThatAnotherContainerHasStaysAndTheRemovalIsFinished() {
    TestSpec spec = host.spec("old").sh("true");
    spec.mounts.add(new MountSpec.Volume("", "/anon", false, false, ""));
    String volume = host.view(host.run(spec)).anonymousVolumes().get("/anon");
    TestSpec next = host.spec("next");
    next.mounts.add(new MountSpec.Volume(volume, "/anon", false, true, "", true));
    next.mounts.add(new MountSpec.Volume("", "/own", false, false, ""));
    String id = host.create(next);
    String own = host.view(id).anonymousVolumes().get("/own");
    host.containers().remove(id, true, true);
    assertThat(host.containers().find(id)).isEmpty();
    assertThat(host.container(id)).doesNotExist();
    assertThat(host.engine().volumes().find(own)).isEmpty();
    assertThat(host.engine().volumes().find(volume)).isPresent();
    assertThat(host.view("old").anonymousVolumes()).containsEntry("/anon", volume);
  }

  @Test
  void bindsMustExistUnlessTheyMayBeMade() {
    TestSpec spec = host.spec("box").sh("echo x > /b/f");
    Path source = host.root.resolve("made");
    spec.mounts.add(new MountSpec.Bind(source, "/b", false, false, true, ""));
    assertThatThrownBy(() -> host.create(spec))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("bind source path does not exist");
    assertThat(host.containers().list(Map.of())).isEmpty();
    TestSpec other = host.spec("other").sh("echo x > /b/f");
    other.mounts.add(new MountSpec.Bind(source, "/b", false, true, true, ""));
    host.run(other);
    assertThat(source.resolve("f")).hasContent("x");
  }

  @Test
  void tellsHealth() {
    TestSpec spec = host.spec("box");
    spec.health =
        new Health(
            List.of("CMD-SHELL", "test ! -e /sick || { echo sick; exit 1; }"),
            Duration.ofMillis(50),
            null,
            null,
            null,
            2);
    String id = host.start(spec);
    assertThat(host.view(id).health()).isNotEqualTo(HealthStatus.NONE);
    EngineFixture.await("healthy", () -> host.view(id).health() == HealthStatus.HEALTHY);
    host.exec(id, "touch /sick");
    EngineFixture.await("unhealthy", () -> host.view(id).health() == HealthStatus.UNHEALTHY);
    ContainerDetails details = host.engine().activity().details(id);
    assertThat(details.failingStreak()).isGreaterThanOrEqualTo(2);
    assertThat(details.probes().getLast().exitCode()).isEqualTo(1);
    assertThat(details.probes().getLast().output()).isEqualTo("sick\n");
    assertThat(Path.of(details.hostsPath())).exists();
    assertThat(Path.of(details.logPath())).exists();
    host.exec(id, "rm /sick");
    EngineFixture.await("three changes told", () -> host.healthChanges().size() >= 3);
    assertThat(host.healthChanges())
        .containsExactly(HealthStatus.HEALTHY, HealthStatus.UNHEALTHY, HealthStatus.HEALTHY);
  }

  @Test
  void publishesPortsAndSharesANetwork() {
    host.network("shop");
    TestSpec spec = host.spec("web").sh("while :; do echo hello | nc -l -p 80; done");
    spec.on("shop", new PortSpec("127.0.0.1", 18080, 18080, 80, "tcp"));
    String web = host.start(spec);
    assertThat(host.view(web).ports().getFirst().hostPort()).isEqualTo(18080);
    EngineFixture.await("an answer", () -> fetch(18080).equals("hello\n"));
    TestSpec peer = host.spec("peer");
    peer.networking = Networking.NONE.withMode("container:" + web);
    host.start(peer);
    assertThat(host.exec("peer", "cat /etc/hostname; ls /sys/class/net"))
        .contains(web.substring(0, 12))
        .contains("eth0");
    TestSpec second = host.spec("second");
    second.on("shop", new PortSpec("127.0.0.1", 18080, 18080, 80, "tcp"));
    host.create(second);
    assertThatThrownBy(() -> host.containers().start("second"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("port is already allocated");
    assertThat(host.view("second").state()).isEqualTo(State.CREATED);
    assertThat(host.view("second").error()).contains("port is already allocated");
    host.containers().remove("peer", true, true);
    host.containers().remove("web", true, true);
    host.containers().start("second");
  }

  @Test
  void aProgramThatIsNotThereLeavesNothing() {
    host.network("shop");
    TestSpec spec = host.spec("box").command("nothing-like-this");
    spec.on("shop", new PortSpec("", 18081, 18081, 80, "tcp"));
    spec.files.add(new FileSpec("c", "/c", null, "config\n", -1, -1, -1, false));
    String id = host.create(spec);
    assertThatThrownBy(() -> host.containers().start(id))
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(127));
    assertThat(host.view(id).exitCode()).isEqualTo(127);
    assertThat(host.view(id).error()).isNotEmpty();
    assertThat(host.config.runRoot().resolve("files").resolve(id)).doesNotExist();
    EngineFixture.await("the link to go", () -> !EngineFixture.shell("ip -o link").contains(" je"));
  }

  private static String fetch(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(2000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
