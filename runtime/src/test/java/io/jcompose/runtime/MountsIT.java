package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a user mounts into a container, and what an image that means harm makes of it. */
class MountsIT {
  private TestHost host;

  @BeforeEach
  void open() {
    host = new TestHost();
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  @Test
  void mountsWhatTheUserAsksFor() throws IOException {
    Path data = Files.createDirectories(host.root.resolve("data"));
    Path file = Files.writeString(host.root.resolve("hosts"), "127.0.0.1 me\n");
    var run =
        host.run(
            "sh", "-c", "cat /etc/hosts; touch /data/made; touch /ro/no; cat /proc/self/mountinfo");
    run.mounts =
        List.of(
            new Mount.Bind(file, "/etc/hosts", false, true, "rprivate"),
            new Mount.Bind(data, "/data", false, true, ""),
            new Mount.Bind(data, "/ro", true, true, ""),
            new Mount.Tmpfs("/scratch/deep", "size=1m,mode=1777,exec"));
    assertThat(run.start().awaitEnd().code()).isZero();
    assertThat(run.text())
        .contains("127.0.0.1 me", "/ro/no: Read-only file system", "/scratch/deep rw,nosuid,nodev");
    assertThat(data.resolve("made")).exists();
    var bad = host.run("true");
    bad.mounts = List.of(new Mount.Bind(file, "/bin", false, true, ""));
    assertThatThrownBy(bad::start)
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("not a directory");
    var proc = host.run("true");
    proc.mounts = List.of(new Mount.Bind(data, "/proc/x", false, true, ""));
    assertThatThrownBy(proc::start).hasMessageContaining("inside /proc");
  }

  @Test
  void doesNotFollowAMaliciousImageOutside() throws IOException {
    Path evil = host.root.resolve("evil");
    TestHost.busybox(evil);
    Path outside = Files.createDirectories(host.root.resolve("outside"));
    Files.delete(evil.resolve("dev"));
    Files.createSymbolicLink(evil.resolve("dev"), outside);
    var dev = host.run("true");
    dev.image = evil;
    assertThatThrownBy(dev::start).isInstanceOf(JcomposeException.class);
    Files.delete(evil.resolve("dev"));
    Files.delete(evil.resolve("proc"));
    Files.createSymbolicLink(evil.resolve("proc"), Path.of("/tmp"));
    var proc = host.run("true");
    proc.image = evil;
    assertThatThrownBy(proc::start).isInstanceOf(JcomposeException.class);
    Files.delete(evil.resolve("proc"));
    Files.createSymbolicLink(evil.resolve("data"), Path.of("../../../../.." + outside));
    var link = host.run("touch", "/data/x");
    link.image = evil;
    link.mounts = List.of(new Mount.Tmpfs("/data/y", ""));
    link.start().awaitEnd();
    try (var files = Files.list(outside)) {
      assertThat(files).isEmpty();
    }
    var cwd = host.run("pwd");
    cwd.image = evil;
    cwd.cwd = "/proc/self/fd/7";
    assertThatThrownBy(cwd::start).isInstanceOf(JcomposeException.class);
  }

  @Test
  void sharesMountsWithTheHostWhenAsked() throws Exception {
    Path shared = Files.createDirectories(host.root.resolve("shared"));
    var refused = host.run("true");
    refused.mounts = List.of(new Mount.Bind(shared, "/shared", false, true, "rshared"));
    assertThatThrownBy(refused::start).hasMessageEndingWith("but it is not a shared mount");
    command("mount", "--bind", shared.toString(), shared.toString());
    command("mount", "--make-shared", shared.toString());
    try {
      var run =
          host.run("sh", "-c", "mount -t tmpfs x /shared/in && touch /shared/in/made; sleep 1000");
      Files.createDirectory(shared.resolve("in"));
      run.mounts = List.of(new Mount.Bind(shared, "/shared", false, true, "rshared"));
      run.security =
          new Security(
              false,
              false,
              List.of("SYS_ADMIN"),
              List.of(),
              List.of("apparmor=unconfined"),
              List.of(),
              List.of(),
              Map.of(),
              Map.of(),
              "",
              "",
              "",
              "",
              "",
              "");
      run.start();
      host.await("the container's mount", () -> Files.exists(shared.resolve("in/made")));
      run.task.killAll();
      run.awaitEnd();
      command("umount", shared.resolve("in").toString());
    } finally {
      command("umount", "-l", shared.toString());
    }
  }

  private static void command(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(List.of(words) + said).isZero();
  }
}
