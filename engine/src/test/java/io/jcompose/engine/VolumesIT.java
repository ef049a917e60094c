package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Contents;
import io.jcompose.core.Contents.Archive;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes.VolumeSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(300)
class VolumesIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private TestSpec with(TestSpec spec, String volume, String target, String subpath) {
    spec.mounts.add(new MountSpec.Volume(volume, target, false, true, subpath));
    return spec;
  }

  /** One that writes a volume makes a subpath of it now a directory, now a link to the host's. */
  @Test
  void aSubpathIsNeverTheHostsWhateverAnotherContainerDoesToIt() throws Exception {
    Path secret = Files.createDirectories(host.root.resolve("secret"));
    Files.writeString(secret.resolve("HOST"), "");
    host.start(
        with(
            host.spec("evil")
                .sh(
                    "cd /v; mkdir sub; : >sub/mine; ln -s "
                        + secret
                        + " link; echo up; while :; do mv sub keep; mv link sub; mv sub link;"
                        + " mv keep sub; done"),
            "v",
            "/v",
            ""));
    EngineFixture.await("its links", () -> host.log("evil").contains("up"));
    String id = host.create(with(host.spec("good").sh("ls /t"), "v", "/t", "sub"));
    int shown = 0;
    // On a busy machine the other one may stand still for all of many tries.
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    for (int i = 0; i < 150 || (shown == 0 && System.nanoTime() < end); i++) {
      try {
        host.containers().start(id);
        host.containers().await(id);
        shown++;
      } catch (JcomposeException.NotFound | JcomposeException.InvalidArgument e) {
        assertThat(e).hasMessageContaining("subpath"); // it was a link just then
      }
      assertThat(archive(id)).doesNotContain("HOST");
    }
    assertThat(shown).as("starts that found a directory").isPositive();
    assertThat(host.log(id)).contains("mine").doesNotContain("HOST");
  }

  /** The image says {@code VOLUME /declared/}. */
  @Test
  void whatIsMountedTakesThePlaceOfTheImagesVolumeHoweverItIsWritten() {
    for (String target : List.of("/declared", "/declared/", "//declared")) {
      String script = "echo " + target + " >/declared/x";
      host.run(with(host.spec("writes").sh(script), "named", target, ""));
      host.containers().remove("writes", true, true);
      host.run(with(host.spec("reads").sh("cat /v/x"), "named", "/v", ""));
      assertThat(host.log("reads")).isEqualTo(target + "\n");
      host.containers().remove("reads", true, true);
    }
  }

  /** What one service writes the other reads; the engine may be another one meanwhile. */
  @Test
  void aVolumeInMemoryIsOneForAllThatRunWithItAndGoesWithTheLast() {
    memory("size=1m,mode=750,uid=7");
    host.start(
        with(host.spec("one").sh("echo hello >/s/x; echo up; exec sleep 1000"), "mem", "/s", ""));
    EngineFixture.await("its file", () -> host.log("one").contains("up"));
    host.start(
        with(host.spec("two").sh("cat /s/x; stat -c %u:%a /s; exec sleep 1000"), "mem", "/s", ""));
    EngineFixture.await("the other's file", () -> host.log("two").contains("750"));
    assertThat(host.log("two")).isEqualTo("hello\n7:750\n");
    assertThat(host.exec("two", "dd if=/dev/zero of=/s/y bs=1M count=2 2>&1")).contains("space");
    host.containers().remove("one", true, false);
    host.reopen();
    assertThat(host.exec("two", "cat /s/x")).isEqualTo("hello\n");
    host.run(with(host.spec("three").sh("cat /s/x"), "mem", "/s", ""));
    assertThat(host.log("three")).isEqualTo("hello\n");
    assertThat(mounts()).hasSize(1);
    host.containers().remove("two", true, false);
    EngineFixture.await("it to go", () -> mounts().isEmpty());
    host.run(with(host.spec("four").sh("ls /s"), "mem", "/s", ""));
    assertThat(host.log("four")).isEmpty();
    EngineFixture.await("it to go again", () -> mounts().isEmpty());
  }

  @Test
  void aVolumeInMemoryThatAnEngineLeftGoesAtTheNextStart() {
    memory("");
    String id = host.start(with(host.spec("one").sh("exec sleep 1000"), "mem", "/s", ""));
    long pid = host.view(id).pid();
    host.shut();
    EngineFixture.shell("kill -9 " + pid);
    EngineFixture.await("its end", () -> Files.exists(host.container(id).resolve("exit")));
    assertThat(mounts()).hasSize(1);
    host.open();
    assertThat(mounts()).isEmpty();
  }

  @Test
  void aVolumeInMemoryWithOptionsThatTheKernelRefusesLeavesNothing() {
    memory("size=much");
    String id = host.create(with(host.spec("one").sh("true"), "mem", "/s", ""));
    assertThatThrownBy(() -> host.containers().start(id))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("volume mem: failed to mount local volume")
        .hasMessageContaining("size=much");
    assertThat(mounts()).isEmpty();
  }

  private static void memory(String options) {
    host.engine()
        .volumes()
        .create(
            new VolumeSpec(
                "mem", "", Map.of("type", "tmpfs", "device", "tmpfs", "o", options), Map.of()));
  }

  private static List<String> mounts() {
    return EngineFixture.shell("grep " + host.root + "/state/volumes /proc/self/mountinfo")
        .lines()
        .toList();
  }

  /** FIFOs, devices and sockets in a container, some of which take a file's place and lose it. */
  @Test
  void archivesOfHostileTreesEndAndHoldNothingOfTheHost() throws Exception {
    Path secret = Files.writeString(host.root.resolve("hosts-own"), "HOST-SECRET");
    String id =
        host.start(
            host.spec("evil")
                .sh(
                    "mkdir -p /d/pool; cd /d; mkfifo pool/fifo; mknod pool/disk b 7 0;"
                        + " mknod pool/zero c 1 5; echo mine >pool/file; ln -s "
                        + secret
                        + " pool/link; echo up; while :; do for k in file fifo zero link disk; do"
                        + " ln pool/$k next && mv -f next x; mkdir -p y/z; rm -r y; done; done"));
    EngineFixture.await("its files", () -> host.log("evil").contains("up"));
    Contents contents = host.engine().contents();
    for (int i = 0; i < 60; i++) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      try (Archive archive = contents.open(id, "/d", false)) {
        archive.writeTo(tar);
      }
      assertThat(tar.size()).isLessThan(1 << 20);
      assertThat(tar.toString(StandardCharsets.ISO_8859_1))
          .contains("d/pool/fifo", "d/pool/disk", "d/pool/zero", "mine")
          .doesNotContain("HOST-SECRET");
      assertThat(contents.changes(id)).isNotEmpty();
    }
    contents.export(id, OutputStream.nullOutputStream());
    String image =
        contents.commit(id, new Contents.Commit("", "", "", false, List.of()), () -> false);
    host.containers().remove(id, true, false);
    host.engine().images().remove(image, true);
  }

  /**
   * The names in the target, as cp sees them while the container does not run; empty if refused.
   */
  private static String archive(String id) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try (Archive archive = host.engine().contents().open(id, "/t", false)) {
      archive.writeTo(tar);
    } catch (JcomposeException e) {
      assertThat(e).hasMessageContaining("subpath");
    }
    return tar.toString(StandardCharsets.ISO_8859_1);
  }
}
