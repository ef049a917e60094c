package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Networking.PortSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an engine makes at its start of what another left: running, ended, half done, damaged. */
@Timeout(30)
class AdoptionIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  /** Its place on the network is not known: another container may have its address by now. */
  @Test
  void aProcessWhoseRunIsNotKnownIsEnded() throws Exception {
    host.network("shop");
    String id = host.start(host.spec("box").sh("exec sleep 1000").on("shop"));
    long pid = host.view(id).pid();
    host.shut();
    Files.write(host.container(id).resolve("run.json"), new byte[0]);
    host.open();
    assertThat(host.view(id).state()).isEqualTo(State.EXITED);
    assertThat(host.view(id).startedAt()).isNotNull();
    EngineFixture.await("the process to end", () -> ProcessHandle.of(pid).isEmpty());
    host.containers().start(id);
    assertThat(host.view(id).error()).isEmpty();
  }

  @Test
  void anEngineOpenedAgainTakesOverWhatRuns() {
    host.network("shop");
    TestSpec spec =
        host.spec("box")
            .sh(
                "n=0; while [ ! -e /go ]; do echo $n; n=$((n+1)); sleep 0.05; done; echo last; exit"
                    + " 9");
    spec.on("shop", new PortSpec("127.0.0.1", 18082, 18082, 80, "tcp"));
    String id = host.start(spec);
    long pid = host.view(id).pid();
    String address = host.view(id).endpoints().getFirst().ipv4Address();
    host.shut();
    String before = fileLog(id);
    EngineFixture.await("more log without an engine", () -> fileLog(id).length() > before.length());
    host.open();
    assertThat(host.view(id).state()).isEqualTo(State.RUNNING);
    assertThat(host.view(id).pid()).isEqualTo(pid);
    assertThat(host.view(id).endpoints().getFirst().ipv4Address()).isEqualTo(address);
    assertThat(host.view(id).ports().getFirst().hostPort()).isEqualTo(18082);
    try (LogReader reader = host.containers().logs(id, new LogQuery(-1, null, null, true))) {
      assertThat(host.exec(id, "touch /go; echo here")).isEqualTo("here\n");
      String last = "";
      int expected = 0;
      for (var r = reader.next(); r != null; r = reader.next()) {
        last = r.text();
        if (!last.equals("last\n")) {
          assertThat(last).isEqualTo(expected++ + "\n");
        }
      }
      assertThat(last).isEqualTo("last\n");
    }
    assertThat(host.containers().await(id)).isEqualTo(9);
    assertThat(host.view(id).state()).isEqualTo(State.EXITED);
  }

  @Test
  void recordsWhatEndedWhileNoEngineRan() throws Exception {
    TestSpec spec = host.spec("box").sh("while [ ! -e /b/go ]; do sleep 0.02; done; exit 6");
    TestSpec passing = host.spec("passing").sh("while [ ! -e /b/go ]; do sleep 0.02; done");
    passing.lifecycle = new Lifecycle(RestartPolicy.NO, "", null, true);
    Path shared = host.root.resolve("shared");
    spec.mounts.add(new MountSpec.Bind(shared, "/b", false, true, true, ""));
    passing.mounts.add(new MountSpec.Bind(shared, "/b", false, true, true, ""));
    String id = host.start(spec);
    String gone = host.start(passing);
    host.shut();
    Files.writeString(shared.resolve("go"), "");
    EngineFixture.await(
        "ends",
        () ->
            Files.exists(host.container(id).resolve("exit"))
                && Files.exists(host.container(gone).resolve("exit")));
    host.open();
    assertThat(host.view(id).state()).isEqualTo(State.EXITED);
    assertThat(host.view(id).exitCode()).isEqualTo(6);
    assertThat(host.view(id).finishedAt()).isNotNull();
    assertThat(host.containers().find(gone)).isEmpty();
  }

  @Test
  void clearsAwayWhatABrokenCreateLeft() throws Exception {
    Path stray = host.container("e".repeat(64));
    Files.createDirectories(stray.resolve("upper/some"));
    Files.createDirectories(stray.resolve("work"));
    host.reopen();
    EngineFixture.await("it to go", () -> !Files.exists(stray));
  }

  @Test
  @Timeout(120)
  @Tag("slow") // where a machine is emulated
  void deletesTheManyFilesOfAnEndedContainerWhileItServes() throws Exception {
    TestSpec spec =
        host.spec("many")
            .sh("cd /tmp; seq 60000 | xargs touch; while [ ! -e /b/go ]; do sleep 0.02; done");
    spec.lifecycle = new Lifecycle(RestartPolicy.NO, "", null, true);
    Path shared = host.root.resolve("many");
    spec.mounts.add(new MountSpec.Bind(shared, "/b", false, true, true, ""));
    Path tree = host.container(host.start(spec));
    host.shut();
    Files.writeString(shared.resolve("go"), "");
    EngineFixture.await("its end", () -> Files.exists(tree.resolve("exit")));
    host.open();
    assertThat(tree).exists();
    assertThat(host.containers().find("many")).isEmpty();
    host.create(host.spec("many"));
    EngineFixture.await("its files to go", () -> !Files.exists(tree));
  }

  @Test
  void clearsAwayTheVolumesOfABrokenCreateButNobodyElses() throws Exception {
    TestSpec spec = host.spec("box");
    spec.mounts.add(new MountSpec.Volume("", "/anonymous", false, false, ""));
    String half = host.create(spec);
    host.containers().rename("box", "half");
    host.create(spec);
    Path record = host.container(half).resolve("container.json");
    host.shut();
    // As a crash leaves it that comes when the volumes are made and the record is not.
    Files.move(record, record.resolveSibling("removed.json"));
    host.open();
    assertThat(host.containers().find("half")).isEmpty();
    EngineFixture.await(
        "its volume to go", () -> host.engine().volumes().list(Map.of()).size() == 2);
    assertThat(host.view("box").anonymousVolumes().values())
        .allMatch(name -> host.engine().volumes().find(name).isPresent());
  }

  @Test
  void setsADamagedRecordAsideAndGoesOn() throws Exception {
    String bad = host.create(host.spec("bad"));
    String good = host.start(host.spec("good"));
    host.shut();
    Files.writeString(host.container(bad).resolve("container.json"), "{\"id\":\"" + bad + "\"}");
    host.open();
    assertThat(host.containers().find("bad")).isEmpty();
    assertThat(host.container(bad).resolve("container.json.damaged")).exists();
    assertThat(host.view(good).state()).isEqualTo(State.RUNNING);
    assertThat(host.exec(good, "echo works")).isEqualTo("works\n");
    host.reopen();
    assertThat(host.container(bad).resolve("container.json.damaged")).exists();
    EngineFixture.shell("rm -r " + host.container(bad));
  }

  private static String fileLog(String id) {
    try {
      return Files.readString(host.config.log(id));
    } catch (IOException e) {
      return "";
    }
  }
}
