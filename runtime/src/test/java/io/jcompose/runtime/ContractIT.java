package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a container sees of itself, compared with Docker's default contract. */
class ContractIT {
  private TestHost host;

  @BeforeEach
  void open() {
    host = new TestHost();
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  private String sh(String script) {
    return host.run("sh", "-c", script).output();
  }

  @Test
  void hasDockersPrivilegesAndEnvironment() {
    var run = host.run("sh", "-c", "cat /proc/self/status; env; hostname; id; ulimit -n; pwd");
    assertThat(run.output())
        .contains(
            "CapEff:\t00000000a80425fb",
            "CapPrm:\t00000000a80425fb",
            "CapBnd:\t00000000a80425fb",
            "CapInh:\t0000000000000000",
            "CapAmb:\t0000000000000000",
            "Seccomp:\t2",
            "NoNewPrivs:\t0",
            "SigIgn:\t0000000000000000",
            "SigBlk:\t0000000000000000",
            "Umask:\t0022",
            "HOME=/root",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOSTNAME=" + run.id.substring(0, 12),
            "uid=0(root) gid=0(root)",
            "\n1024\n");
  }

  @Test
  void hasDockersMountsAndDevices() {
    assertThat(
            sh(
                "cat /proc/self/mountinfo | cut -d' ' -f5-6 2>/dev/null || cat"
                    + " /proc/self/mountinfo; ls -l /dev; cat /proc/keys | wc -c; ls /sys/firmware"
                    + " | wc -l; echo x > /proc/sys/kernel/domainname; touch /sys/x; true"))
        .contains(
            "/proc rw,nosuid,nodev,noexec",
            "/sys ro,nosuid,nodev,noexec",
            "/dev rw,nosuid",
            "/dev/pts rw,nosuid,noexec",
            "/dev/shm rw,nosuid,nodev,noexec",
            "/dev/mqueue rw,nosuid,nodev,noexec",
            "/sys/fs/cgroup ro,nosuid,nodev,noexec",
            "/proc/sys ro,nosuid,nodev,noexec",
            "ptmx -> pts/ptmx",
            "fd -> /proc/self/fd",
            "\n0\n0\n",
            "Read-only file system")
        .containsPattern("crw-rw-rw-.* 1, *3 .* null")
        .containsPattern("crw-rw-rw-.* 5, *0 .* tty")
        .doesNotContain("console");
  }

  @Test
  void refusesWhatSeccompForbids() {
    assertThat(
            sh(
                "unshare -U true; unshare -m true; mount -t tmpfs x /tmp; mknod /tmp/sda b 8 0; cat"
                    + " /tmp/sda; true"))
        .contains("Operation not permitted")
        .doesNotContain("Bad system call");
  }

  @Test
  void opensOnlyTheDevicesThatRulesAllow() {
    String script =
        """
        mknod /n c 1 3; mknod /m c 1 1; mknod /k c 1 11; mknod /sda b 8 0; mknod /fuse c 10 229
        for n in n m k sda fuse; do
          (: < /$n) 2>/dev/null && echo $n reads; (: >> /$n) 2>/dev/null && echo $n writes
        done; true\
        """;
    assertThat(sh(script)).isEqualTo("n reads\nn writes\n");
    var more = host.run("sh", "-c", script + "; ls -l /dev/null2 /dev/kmsg3");
    more.security =
        withDevices(
            List.of("/dev/null:/dev/null2", "/dev/kmsg:/dev/kmsg3:r"), List.of("c 1:1 w"), false);
    assertThat(more.output())
        .contains("n writes", "k reads")
        .doesNotContain("k writes", "m reads", "sda")
        .containsPattern("1, *3 .* /dev/null2")
        .containsPattern("1, *11 .* /dev/kmsg3");
    var all = host.run("sh", "-c", script);
    all.security = security(true);
    assertThat(all.output()).contains("k reads", "k writes");
    var bad = host.run("true");
    bad.security = withDevices(List.of(), List.of("x 1:1 w"), false);
    assertThatThrownBy(bad::start).hasMessage("invalid device cgroup rule format: 'x 1:1 w'");
  }

  private static Security withDevices(
      List<String> devices, List<String> rules, boolean privileged) {
    Security d = Security.DEFAULT;
    return new Security(
        privileged,
        false,
        List.of("SYS_RAWIO", "SYSLOG"),
        d.capDrop(),
        d.securityOpt(),
        devices,
        rules,
        d.sysctls(),
        d.ulimits(),
        "",
        "",
        "",
        "",
        "",
        "");
  }

  @Test
  void sharesQueuesAndMemoryOfAnotherTask() throws IOException {
    var first = host.run("sh", "-c", "echo here > /dev/shm/x; echo ready; exec sleep 100");
    first.start();
    host.await("the first task", () -> first.text().contains("ready"));
    var second = host.run("sh", "-c", "cat /dev/shm/x; echo there > /dev/shm/y; hostname");
    second.joined = new TaskSpec.Joined(0, first.task.pid(), 0);
    assertThat(second.output()).contains("here\n" + second.id.substring(0, 12));
    first.task.signal(9);
    first.awaitEnd();
  }

  @Test
  void runsAsAUserOfTheContainersFiles() {
    var run =
        host.run("sh", "-c", "id; echo $HOME; pwd; echo out > /dev/stdout; cat /proc/self/status");
    run.user = "joe";
    run.cwd = "/new/place";
    assertThat(run.output())
        .contains(
            "uid=1000(joe) gid=1000(joe)",
            "10(wheel)",
            "/home/joe",
            "/new/place",
            "out",
            "CapEff:\t0000000000000000");
    var numeric = host.run("id");
    numeric.user = "7:8";
    numeric.process =
        new ProcessSpec(
            null, null, List.of(), "", "", "", "", List.of("audio", "99"), false, false, false);
    assertThat(numeric.output()).contains("uid=7 gid=8", "29", "99").doesNotContain("wheel");
    var unknown = host.run("id");
    unknown.user = "ghost";
    assertThatThrownBy(unknown::start)
        .hasMessage("unable to find user ghost: no matching entries in passwd file");
  }

  @Test
  void carriesOutSecurityOptions() {
    var run =
        host.run(
            "sh",
            "-c",
            "cat /proc/self/status; ulimit -n; sysctl -n net.core.somaxconn; touch /x; ls -l"
                + " /dev/kmsg2");
    run.security =
        new Security(
            false,
            true,
            List.of("SYS_TIME"),
            List.of("CAP_MKNOD"),
            List.of("no-new-privileges", "seccomp=unconfined"),
            List.of("/dev/zero:/dev/kmsg2:r"),
            List.of("c 10:229 rwm"),
            Map.of("net.core.somaxconn", "777"),
            Map.of("nofile", new Ulimit(99, 199)),
            "",
            "",
            "",
            "",
            "",
            "");
    assertThat(run.output())
        .contains(
            "CapEff:\t00000000a20425fb",
            "NoNewPrivs:\t1",
            "Seccomp:\t0",
            "\n99\n",
            "777",
            "Read-only file system",
            "kmsg2");
    var all = host.run("cat", "/proc/self/status");
    all.security = security(true);
    long everything = Capabilities.resolve(List.of(), List.of(), true);
    assertThat(all.output()).contains("CapEff:\t%016x".formatted(everything), "Seccomp:\t0");
  }

  private static Security security(boolean privileged) {
    Security d = Security.DEFAULT;
    return new Security(
        privileged,
        false,
        d.capAdd(),
        d.capDrop(),
        d.securityOpt(),
        d.devices(),
        d.deviceCgroupRules(),
        d.sysctls(),
        d.ulimits(),
        "",
        "",
        "",
        "",
        "",
        "");
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

  private static void command(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(List.of(words) + said).isZero();
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

  @Test
  void putsGroupsBelowTheParentAskedFor() throws IOException {
    String parent = host.config.cgroupRoot() + "-parent";
    var run = host.run("sleep", "1000");
    Security d = Security.DEFAULT;
    run.security =
        new Security(
            false,
            false,
            d.capAdd(),
            d.capDrop(),
            d.securityOpt(),
            d.devices(),
            d.deviceCgroupRules(),
            d.sysctls(),
            d.ulimits(),
            "",
            "",
            "",
            "",
            "",
            parent);
    run.start();
    assertThat(Files.readString(Path.of("/proc/" + run.task.pid() + "/cgroup")))
        .contains(":" + parent + "/" + run.id);
    run.task.pause();
    run.task.resume();
    run.task.killAll();
    run.awaitEnd();
    for (Path hierarchy : CgroupHost.detect().hierarchies()) {
      Path made = hierarchy.resolve(parent.substring(1));
      if (Files.exists(made)) {
        try (var groups = Files.newDirectoryStream(made, Files::isDirectory)) {
          assertThat(groups).as(made.toString()).isEmpty();
        }
        Files.delete(made);
      }
    }
    assertThatThrownBy(() -> new CgroupLayout(CgroupHost.detect(), "/x").below("../out"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void limitsByCgroups() {
    var run = host.run("sleep", "1000");
    run.resources = limits(500_000_000L, 64L << 20, 20);
    run.start();
    assertThat(cgroup(run, "memory", "memory.limit_in_bytes", "memory.max")).isEqualTo("67108864");
    assertThat(cgroup(run, "cpu", "cpu.cfs_quota_us", "cpu.max")).startsWith("50000");
    assertThat(cgroup(run, "pids", "pids.max", "pids.max")).isEqualTo("20");
    assertThat(cgroup(run, "pids", "cgroup.procs", "cgroup.procs"))
        .isEqualTo(Long.toString(run.task.pid()));
    run.task.killAll();
    run.awaitEnd();
    var tooMuch = host.run("true");
    tooMuch.resources = limits(999_000_000_000L, 0, 0);
    int cpus = Runtime.getRuntime().availableProcessors();
    assertThatThrownBy(tooMuch::start)
        .hasMessage(
            "range of CPUs is from 0.01 to %d.00, as there are only %d CPUs available", cpus, cpus);
  }

  private String cgroup(TestHost.Run run, String controller, String v1, String v2) {
    CgroupLayout layout = new CgroupLayout(CgroupHost.detect(), host.config.cgroupRoot());
    Path group = layout.groupOf(controller, run.id).orElseThrow();
    try {
      return Files.readString(group.resolve(layout.host().isUnified(controller) ? v2 : v1)).strip();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Resources limits(long nanoCpus, long memory, long pids) {
    return new Resources(
        nanoCpus, 0, 0, 0, "", "", memory, 0, 0, null, false, 0, pids, 0, 0, List.of(), List.of(),
        List.of(), List.of(), List.of());
  }

  @Test
  void tellsThatMemoryRanOut() {
    var run =
        host.run(
            "sh",
            "-c",
            "head -c 100m /dev/zero > /dev/shm/x; tr -d '\\n"
                + "' < /dev/zero | head -c 200m | wc -c; x=$(yes); echo $x");
    run.resources = limits(0, 16L << 20, 0);
    run.start();
    TaskExit exit = run.awaitEnd();
    assertThat(exit.oomKilled()).isTrue();
    assertThat(host.runtime().exitOf(run.bundle).orElseThrow().oomKilled()).isTrue();
  }

  @Test
  void runsASmallInit() throws IOException {
    var run =
        host.run("sh", "-c", "trap 'exit 9' TERM; echo ready; while true; do usleep 10000; done");
    run.process =
        new ProcessSpec(null, null, List.of(), "", "", "", "", List.of(), false, false, true);
    run.start();
    host.await("the program", () -> run.text().contains("ready"));
    assertThat(TaskRuntimeIT.exec(run.task, "", "cat", "/proc/1/comm")).isEqualTo("init\n[0]");
    run.task.signal(15);
    assertThat(run.awaitEnd().code()).isEqualTo(9);
    var missing = host.run("nope");
    missing.process = run.process;
    assertThatThrownBy(missing::start).hasMessageContaining("executable file not found in $PATH");
  }

  @Test
  void freezesAndThaws() throws IOException {
    var run = host.run("sleep", "1000").start();
    run.task.pause();
    assertThatThrownBy(() -> TaskRuntimeIT.exec(run.task, "", "true"))
        .isInstanceOf(JcomposeException.Conflict.class);
    run.task.resume();
    assertThat(TaskRuntimeIT.exec(run.task, "", "true")).isEqualTo("[0]");
    run.task.pause();
    run.task.killAll();
    assertThat(run.awaitEnd().code()).isEqualTo(137);
  }

  @Test
  void sharesTheHostsNetworkAndPids() {
    var run =
        host.run(
            "sh",
            "-c",
            "ls /proc/"
                + ProcessHandle.current().pid()
                + " >/dev/null && echo seen; sleep 300 & echo done");
    run.network = new NetworkNamespace.Host();
    run.security =
        new Security(
            false, false, List.of(), List.of(), List.of(), List.of(), List.of(), Map.of(), Map.of(),
            "host", "host", "host", "", "", "");
    assertThat(run.output()).contains("seen", "done");
  }

  @Test
  void writesLogsOfAnyLengthAndRotates() throws IOException {
    var big = host.run("sh", "-c", "head -c 40000 /dev/zero | tr '\\0' x; echo; printf tail");
    assertThat(big.output()).isEqualTo("x".repeat(40000) + "\ntail");
    List<String> lines = Files.readAllLines(big.log());
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0))
        .startsWith("{\"log\":\"xxx")
        .doesNotContain("\\n")
        .contains("\",\"stream\":\"stdout\",\"time\":\"20");
    var rotated = host.run("seq", "10000");
    rotated.logMaxBytes = 100_000;
    rotated.logMaxFiles = 3;
    rotated.start().awaitEnd();
    assertThat(rotated.log()).exists();
    assertThat(rotated.log().resolveSibling(rotated.log().getFileName() + ".1")).exists();
    assertThat(rotated.log().resolveSibling(rotated.log().getFileName() + ".2")).exists();
    assertThat(rotated.log().resolveSibling(rotated.log().getFileName() + ".3")).doesNotExist();
    assertThat(Files.size(rotated.log())).isLessThan(100_200);
  }

  @Test
  void carriesMuchThroughExec() throws IOException {
    var run = host.run("sleep", "1000").start();
    long[] count = {0};
    try (var session =
        run.task.exec(
            new io.jcompose.core.Containers.ExecSpec(
                List.of("head", "-c", "100000000", "/dev/zero"),
                List.of(),
                "",
                "",
                false,
                false,
                false))) {
      session.pump((stream, buffer, offset, length) -> count[0] += length);
      assertThat(session.exitCode()).isZero();
    }
    assertThat(count[0]).isEqualTo(100_000_000);
    String text = "0123456789abcdef".repeat(60_000);
    try (var session =
        run.task.exec(
            new io.jcompose.core.Containers.ExecSpec(
                List.of("cat"), List.of(), "", "", false, true, false))) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var in = session.stdin()) {
                      in.write(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      assertThat(TaskRuntimeIT.drain(session)).isEqualTo(text);
      writer.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    run.task.killAll();
    run.awaitEnd();
  }
}
