package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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

  /** Every flag word that a compose file may have, carried out by the kernel. */
  @Test
  void aTmpfsTakesTheModeBelowAndAllFlags() throws IOException {
    Path own = host.root.resolve("modes");
    TestHost.busybox(own);
    Files.setPosixFilePermissions(
        Files.createDirectory(own.resolve("secret")), PosixFilePermissions.fromString("rwx------"));
    String all =
        "ro,rw,suid,nosuid,dev,nodev,exec,noexec,sync,async,dirsync,atime,noatime,diratime,"
            + "nodiratime,relatime,norelatime,strictatime,nostrictatime,lazytime,nolazytime,mand,"
            + "nomand,iversion,noiversion,silent,loud,defaults,symfollow,nosymfollow,noatime,"
            + "size=1m,nr_inodes=100,uid=0,gid=0";
    var run =
        host.run("sh", "-c", "stat -c %a /secret /new /given /flags; cat /proc/self/mountinfo");
    run.image = own;
    run.mounts =
        List.of(
            new Mount.Tmpfs("/secret", "size=1m"),
            new Mount.Tmpfs("/new/deep", ""),
            new Mount.Tmpfs("/new", ""),
            new Mount.Tmpfs("/given", "mode=711"),
            new Mount.Tmpfs("/flags", all));
    assertThat(run.output())
        .startsWith("700\n1777\n711\n1777\n")
        .contains("/flags rw,nosuid,nodev,noexec,noatime,nodiratime");
  }

  @Test
  void linksOfTheImageAreReplacedInTheContainersLayerOnly() throws IOException {
    Path own = host.root.resolve("linked");
    TestHost.busybox(own);
    for (String name : List.of("hosts", "resolv.conf")) {
      Files.createSymbolicLink(own.resolve("etc/" + name), Path.of("/data/" + name));
    }
    Path data = Files.createDirectories(host.root.resolve("volume"));
    Path file = Files.writeString(host.root.resolve("given"), "given\n");
    var run = host.run("sh", "-c", "cat /etc/hosts /etc/resolv.conf; ls /data; readlink /etc/mtab");
    run.image = own;
    run.mounts =
        List.of(
            new Mount.Bind(data, "/data", false, true, ""),
            new Mount.Bind(file, "/etc/hosts", false, true, ""),
            new Mount.Bind(file, "/etc/resolv.conf", true, true, ""));
    assertThat(run.output()).isEqualTo("given\ngiven\n/proc/mounts\n");
    assertThat(data).isEmptyDirectory();
    assertThat(own.resolve("etc/hosts")).isSymbolicLink();
  }

  /** As {@code -v /etc:/etc}: what is in a mount is its owner's. */
  @Test
  void linksInAMountStay() throws IOException {
    Path etc = Files.createDirectories(host.root.resolve("hosts-etc"));
    Files.writeString(etc.resolve("real"), "real\n");
    Files.createSymbolicLink(etc.resolve("hosts"), Path.of("real"));
    Path file = Files.writeString(host.root.resolve("given"), "given\n");
    var run = host.run("sh", "-c", "cat /etc/hosts; ls /etc");
    run.mounts =
        List.of(
            new Mount.Bind(etc, "/etc", false, true, ""),
            new Mount.Bind(file, "/etc/hosts", false, true, ""));
    assertThat(run.output()).isEqualTo("given\nhosts\nreal\n");
    assertThat(etc.resolve("hosts")).isSymbolicLink();
    assertThat(etc.resolve("real")).hasContent("real");
  }

  @Test
  void aMountOnDevNeedsNoDevices() throws IOException {
    Path dev = Files.createDirectories(host.root.resolve("volume"));
    var run = host.run("sh", "-c", "cat; ls /dev; echo done");
    run.mounts = List.of(new Mount.Bind(dev, "/dev", false, true, ""));
    assertThat(run.output()).isEqualTo("done\n");
    var terminal = host.run("true");
    terminal.mounts = run.mounts;
    terminal.process = ProcessSpec.DEFAULT.withTty(true);
    assertThatThrownBy(terminal::start)
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("a mount on its /dev has no devpts");
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
          Security.DEFAULT
              .with()
              .capAdd(List.of("SYS_ADMIN"))
              .securityOpt(List.of("apparmor=unconfined"))
              .build();
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
