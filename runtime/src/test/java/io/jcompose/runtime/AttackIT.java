package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.Libc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import jnr.ffi.annotations.In;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What malicious images, volumes and processes have done to container runtimes, tried on ours. */
class AttackIT {
  private static final Calls LIBC = Libc.load(Calls.class);

  private TestHost host;
  private Path evil;
  private Path outside;

  public interface Calls {
    int setxattr(String path, String name, @In byte[] value, long size, int flags);
  }

  @BeforeEach
  void open() throws IOException {
    host = new TestHost();
    evil = host.root.resolve("evil");
    TestHost.busybox(evil);
    outside = Files.createDirectories(host.root.resolve("outside"));
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  private void assertNothingOutside() throws IOException {
    try (Stream<Path> files = Files.list(outside)) {
      assertThat(files).as("made on the host").isEmpty();
    }
  }

  private TestHost.Run evilRun(String... args) {
    var run = host.run(args);
    run.image = evil;
    return run;
  }

  private static Security with(List<String> options, Map<String, String> sysctls) {
    return Security.DEFAULT.with().securityOpt(options).sysctls(sysctls).build();
  }

  /** CVE-2019-19921, CVE-2023-27561, CVE-2026-41579: kernel directories that lead elsewhere. */
  @Test
  void refusesKernelDirectoriesThatAreSymlinks() throws IOException {
    for (String name : List.of("dev", "proc", "sys")) {
      for (String target : List.of(outside.toString(), "../../../.." + outside, "/tmp", "home")) {
        Path link = evil.resolve(name);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(target));
        assertThatThrownBy(() -> evilRun("true").start())
            .as(name + " -> " + target)
            .isInstanceOf(JcomposeException.InvalidArgument.class)
            .hasMessageContaining("the image busybox cannot be run: its /" + name + " is a link");
        Files.delete(link);
        Files.createDirectory(link);
      }
    }
    assertNothingOutside();
  }

  /** CVE-2024-21626: a link of the container's is no way to what the shim has open. */
  @Test
  void standardInputIsNothingThatALinkLeadsTo() throws Exception {
    String turn = "rm -f /dev/null; ln -s /proc/self/fd/$n /dev/null; echo done";
    var run = host.run("sleep", "1000").start();
    ExecSpec look = exec("stat -Lc %F /proc/self/fd/0; ls /proc/self/fd/0/ 2>&1 | head -3");
    assertThat(TaskRuntimeIT.drain(run.task.exec(look))).startsWith("character special file");
    for (int fd = 3; fd < 24; fd++) {
      ExecSpec link = exec("n=" + fd + "; " + turn);
      assertThat(TaskRuntimeIT.drain(run.task.exec(link))).isEqualTo("done\n");
      assertThat(TaskRuntimeIT.drain(run.task.exec(look)))
          .as("descriptor " + fd)
          .startsWith("regular");
    }
    assertThat(TaskRuntimeIT.drain(run.task.exec(exec("rm /dev/null; mkfifo /dev/null"))))
        .isEmpty();
    assertThat(TaskRuntimeIT.drain(run.task.exec(exec("echo goes on")))).isEqualTo("goes on\n");
    run.task.killAll();
    run.awaitEnd();
  }

  private static ExecSpec exec(String script) {
    return new ExecSpec(List.of("sh", "-c", script), List.of(), "", "", false, false, false);
  }

  /** CVE-2024-45310 and its likes: what is made for a mount is made inside. */
  @Test
  void makesMountTargetsInsideWhereverLinksLead() throws IOException {
    Path data = Files.createDirectories(host.root.resolve("data"));
    Files.writeString(data.resolve("file"), "shared");
    Files.createSymbolicLink(evil.resolve("absolute"), outside);
    Files.createSymbolicLink(evil.resolve("upwards"), Path.of("../../../../../../../.." + outside));
    Files.createSymbolicLink(evil.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(evil.resolve("magic"), Path.of("/proc/self/root/tmp"));
    var run = evilRun("sh", "-c", "cat /absolute/a/file /upwards/b/file");
    run.mounts =
        List.of(
            new Mount.Bind(data, "/absolute/a", true, true, ""),
            new Mount.Bind(data, "/upwards/b", true, true, ""));
    assertThat(run.output()).isEqualTo("sharedshared");
    for (String target : List.of("/loop/x", "/magic/x")) {
      var bad = evilRun("true");
      bad.mounts = List.of(new Mount.Bind(data, target, true, true, ""));
      assertThatThrownBy(bad::start).as(target).isInstanceOf(JcomposeException.class);
    }
    assertNothingOutside();
  }

  /** CVE-2021-30465: a mount's target in a shared volume turns into a link while it is mounted. */
  @Test
  void staysInsideWhenTargetsAreSwappedWhileMounting() throws Exception {
    Path volume = Files.createDirectories(host.root.resolve("volume"));
    Path data = Files.createDirectories(host.root.resolve("data"));
    Files.writeString(data.resolve("mark"), "");
    AtomicBoolean over = new AtomicBoolean();
    Thread swapper = Thread.ofPlatform().start(() -> swap(volume, over));
    try {
      for (int round = 0; round < 25; round++) {
        var run = host.run("sh", "-c", "ls -d /volume/x/y/mark; ls /mark");
        run.mounts =
            List.of(
                new Mount.Bind(volume, "/volume", false, true, ""),
                new Mount.Bind(data, "/volume/x/y", false, true, ""));
        try {
          run.start().awaitEnd();
        } catch (JcomposeException e) {
          continue; // the swap was in the way: refused is safe
        }
      }
    } finally {
      over.set(true);
      swapper.join();
    }
    assertNothingOutside();
    assertThat(Files.exists(outside.resolve("y"))).isFalse();
  }

  private void swap(Path volume, AtomicBoolean over) {
    Path at = volume.resolve("x");
    Path link = volume.resolve("link");
    Path directory = volume.resolve("dir");
    try {
      Files.createSymbolicLink(link, Path.of("../../../../../../.." + outside));
      Files.createDirectory(directory);
      while (!over.get()) {
        Files.move(link, at);
        Files.move(at, link);
        Files.move(directory, at);
        Files.move(at, directory);
      }
    } catch (FileSystemException e) {
      over.set(true); // the runtime made x itself: then it is a directory of the volume, as asked
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** CVE-2024-21626: a working directory through a descriptor that leaked from the host. */
  @Test
  void refusesWorkingDirectoriesOutsideOfTheContainer() throws IOException {
    for (int fd = 3; fd < 24; fd++) {
      var run = host.run("pwd");
      run.cwd = "/proc/self/fd/" + fd;
      assertThatThrownBy(run::start)
          .as(run.cwd)
          .isInstanceOf(JcomposeException.class)
          .hasMessageContaining(run.cwd)
          .message()
          .doesNotContain("ELOOP");
    }
    var run = host.run("sleep", "1000").start();
    for (int fd = 3; fd < 70; fd++) {
      ExecSpec exec =
          new ExecSpec(List.of("pwd"), List.of(), "", "/proc/self/fd/" + fd, false, false, false);
      assertThatThrownBy(() -> run.task.exec(exec))
          .as("fd " + fd)
          .isInstanceOf(JcomposeException.class);
    }
    run.task.killAll();
    run.awaitEnd();
  }

  /** CVE-2019-5736: the runtime's program overwritten through a process made of it. */
  @Test
  void runsFromAnImageThatCannotBeWritten() throws IOException {
    byte[] before = Files.readAllBytes(host.config.shimBinary());
    var run = host.run("/proc/self/exe", "launcher", "/tmp/socket");
    run.process = ProcessSpec.DEFAULT.withStdinOpen(true);
    run.start();
    assertThat(Files.readSymbolicLink(Path.of("/proc/" + run.task.pid() + "/exe")).toString())
        .startsWith("/memfd:");
    assertThat(
            TaskRuntimeIT.exec(
                run.task,
                "",
                "sh",
                "-c",
                "(echo x > /proc/1/exe) 2>/dev/null || echo refused;"
                    + " (echo x >> /proc/1/exe) 2>/dev/null || echo refused"))
        .isEqualTo("refused\nrefused\n[0]");
    run.task.killAll();
    run.awaitEnd();
    assertThat(Arrays.equals(before, Files.readAllBytes(host.config.shimBinary()))).isTrue();
    Path script = evil.resolve("bin/evil");
    Files.writeString(script, "#!/proc/self/exe version\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    var shebang = evilRun("/bin/evil");
    try {
      shebang.start().awaitEnd();
    } catch (JcomposeException e) {
      assertThat(e).isInstanceOf(JcomposeException.CommandFailed.class);
    }
    assertThat(Arrays.equals(before, Files.readAllBytes(host.config.shimBinary()))).isTrue();
  }

  /** CVE-2025-31133: /dev/null that leads to a file, to have that in the place of masked paths. */
  @Test
  void masksWithARealNullOnly() throws IOException {
    Path dev = Files.createDirectories(host.root.resolve("dev"));
    Files.createSymbolicLink(dev.resolve("null"), Path.of("/etc/passwd"));
    var run =
        host.run(
            "sh",
            "-c",
            "cat /proc/keys /proc/timer_list; { echo evil >> /proc/keys; } 2>&-; cat /etc/passwd");
    run.mounts = List.of(new Mount.Bind(dev, "/dev", false, true, ""));
    assertThat(run.output()).startsWith("root:").doesNotContain("evil");
  }

  /** Masks are not the way to the host's own device nodes. */
  @Test
  void leavesTheHostsNullAsItIs() throws IOException {
    int before = (Integer) Files.getAttribute(Path.of("/dev/null"), "unix:mode");
    String text =
        host.run(
                "sh",
                "-c",
                "busybox chmod 600 /proc/keys /proc/timer_list; busybox chown 1:1 /proc/keys; true")
            .output();
    assertThat(text).contains("/proc/keys: Read-only file system");
    assertThat(Files.getAttribute(Path.of("/dev/null"), "unix:mode")).isEqualTo(before);
    assertThat(Files.getAttribute(Path.of("/dev/null"), "unix:uid")).isEqualTo(0);
  }

  /** CVE-2025-52565: the console bound over what an attacker put in its place. */
  @Test
  void bindsTheConsoleOnNoLink() throws IOException {
    Path dev = Files.createDirectories(host.root.resolve("dev"));
    Path victim = Files.writeString(host.root.resolve("victim"), "mine");
    for (String link : List.of("console", "ptmx", "pts")) {
      Files.createSymbolicLink(dev.resolve(link), victim);
    }
    var run = host.run("sh", "-c", "echo evil > /dev/console");
    run.process = ProcessSpec.DEFAULT.withTty(true);
    run.mounts = List.of(new Mount.Bind(dev, "/dev", false, true, ""));
    assertThatThrownBy(run::start).isInstanceOf(JcomposeException.class);
    assertThat(victim).hasContent("mine");
  }

  /** CVE-2025-52881, CVE-2022-0811: sysctls that reach beyond the container. */
  @Test
  void setsNoSysctlOfTheHost() throws IOException {
    String before = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
    for (String key :
        List.of(
            "kernel.core_pattern",
            "kernel/core_pattern",
            "net.//.kernel.core_pattern",
            "net/../kernel/core_pattern",
            "kernel.shm_rmid_forced+kernel.core_pattern",
            "fs.mqueue.//.//.kernel.core_pattern")) {
      var run = host.run("true");
      run.security = with(List.of(), Map.of(key, "|/evil"));
      assertThatThrownBy(run::start).as(key).isInstanceOf(JcomposeException.class);
    }
    assertThat(Files.readString(Path.of("/proc/sys/kernel/core_pattern"))).isEqualTo(before);
    assertThat(
            host.run(
                    "sh",
                    "-c",
                    "for f in sys/kernel/core_pattern sysrq-trigger sys/vm/drop_caches; do"
                        + " (echo x > /proc/$f) 2>/dev/null && echo wrote $f; done; true")
                .output())
        .isEmpty();
  }

  /** Mounts over or into /proc would switch masks and labels off. */
  @Test
  void mountsNothingIntoProc() throws IOException {
    for (String target : List.of("/proc", "/proc/self/attr", "/proc/../proc/sys", "/", "/..")) {
      var run = host.run("true");
      run.mounts = List.of(new Mount.Bind(outside, target, false, true, ""));
      assertThatThrownBy(run::start)
          .as(target)
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }

  @Test
  void keepsPrivilegesFromRisingWhenAsked() throws IOException {
    Path cat = evil.resolve("tool/cat");
    Files.createDirectories(cat.getParent());
    Files.copy(Path.of("/bin/busybox"), cat);
    // struct vfs_cap_data, linux/capability.h: version 2, effective, CAP_NET_RAW
    byte[] netRaw = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Libc.check(
        LIBC.setxattr(cat.toString(), "security.capability", netRaw, netRaw.length, 0),
        "setxattr",
        cat.toString());
    var plain = evilRun("/tool/cat", "/proc/self/status");
    plain.user = "joe";
    assertThat(plain.output()).contains("CapPrm:\t0000000000002000");
    var firm = evilRun("/tool/cat", "/proc/self/status");
    firm.user = "joe";
    firm.security = with(List.of("no-new-privileges"), Map.of());
    assertThat(firm.output()).contains("CapPrm:\t0000000000000000", "NoNewPrivs:\t1");
  }

  /** Nothing of the host is open in what is started, nor to be seen while it is being started. */
  @Test
  void leaksNoDescriptorsToProgramsNorToTheirNeighbours() throws IOException {
    assertThat(
            host.run("sh", "-c", "for f in /proc/self/fd/*; do readlink $f; done; true").output())
        .doesNotContain(host.root.toString(), "socket:", "memfd", "anon_inode");
    var run =
        host.run(
            "sh",
            "-c",
            "echo watching; while true; do for f in /proc/[0-9]*/fd/* /proc/[0-9]*/cwd; do"
                + " readlink $f 2>/dev/null; done | grep -E 'tmp|memfd|anon|socket|deleted'; done");
    run.start();
    host.await("the watcher", () -> run.text().contains("watching"));
    for (int i = 0; i < 20; i++) {
      assertThat(TaskRuntimeIT.exec(run.task, "", "true")).isEqualTo("[0]");
    }
    run.task.killAll();
    run.awaitEnd();
    assertThat(run.text()).isEqualTo("watching\n");
  }

  /** An exec trusts nothing that the container's processes may have changed. */
  @Test
  void executesInHostileContainers() throws IOException {
    var run =
        host.run(
            "sh",
            "-c",
            "rm /etc/passwd /etc/group; busybox mkfifo /etc/passwd /etc/group; echo ready; sleep"
                + " 1000");
    run.start();
    host.await("the trap", () -> run.text().contains("ready"));
    assertThat(execAs(run, "7:8")).isEqualTo("Uid:\t7\t7\t7\t7\n");
    assertThatThrownBy(() -> execAs(run, "joe")).hasMessageContaining("unable to find user joe");
    run.task.killAll();
    run.awaitEnd();
  }

  private static String execAs(TestHost.Run run, String user) throws IOException {
    ExecSpec exec =
        new ExecSpec(
            List.of("grep", "Uid", "/proc/self/status"), List.of(), user, "", false, false, false);
    try (var session = run.task.exec(exec)) {
      return TaskRuntimeIT.drain(session);
    }
  }
}
