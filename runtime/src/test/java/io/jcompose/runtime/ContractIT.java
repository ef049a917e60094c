package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.runtime.security.Capabilities;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  /** By one stream: the order of two is nobody's promise. */
  private String sh(String script) {
    return host.run("sh", "-c", "exec 2>&1; " + script).output();
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
    return Security.DEFAULT
        .with()
        .privileged(privileged)
        .capAdd(List.of("SYS_RAWIO", "SYSLOG"))
        .devices(devices)
        .deviceCgroupRules(rules)
        .build();
  }

  @Test
  void sharesQueuesAndMemoryOfAnotherTask() throws IOException {
    var first = host.run("sh", "-c", "echo here > /dev/shm/x; echo ready; exec sleep 100");
    first.start();
    host.await("the first task", () -> first.text().contains("ready"));
    var second = host.run("sh", "-c", "cat /dev/shm/x; echo there > /dev/shm/y; hostname");
    try (HeldProcess other = first.task.process().orElseThrow()) {
      second.joined = new TaskSpec.Joined(null, other, null);
      assertThat(second.output()).contains("here\n" + second.id.substring(0, 12));
    }
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
    numeric.process = ProcessSpec.DEFAULT.withGroupAdd(List.of("audio", "99"));
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
        Security.DEFAULT
            .with()
            .readOnlyRootfs(true)
            .capAdd(List.of("SYS_TIME"))
            .capDrop(List.of("CAP_MKNOD"))
            .securityOpt(List.of("no-new-privileges", "seccomp=unconfined"))
            .devices(List.of("/dev/zero:/dev/kmsg2:r"))
            .deviceCgroupRules(List.of("c 10:229 rwm"))
            .sysctls(Map.of("net.core.somaxconn", "777"))
            .ulimits(Map.of("nofile", new Ulimit(99, 199)))
            .build();
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
    return Security.DEFAULT.withPrivileged(privileged);
  }

  @Test
  void runsASmallInit() throws IOException {
    var run =
        host.run("sh", "-c", "trap 'exit 9' TERM; echo ready; while true; do usleep 10000; done");
    run.process = ProcessSpec.DEFAULT.withInit(true);
    run.start();
    host.await("the program", () -> run.text().contains("ready"));
    host.await( // the program runs before its init is executed anew
        "the init's name", () -> isNamed(run.task, "docker-init"));
    run.task.signal(15);
    assertThat(run.awaitEnd().code()).isEqualTo(9);
    var missing = host.run("nope");
    missing.process = run.process;
    assertThatThrownBy(missing::start).hasMessageContaining("executable file not found in $PATH");
  }

  private static boolean isNamed(Task task, String name) {
    try {
      return TaskRuntimeIT.exec(task, "", "cat", "/proc/1/comm").equals(name + "\n[0]");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    run.security = Security.DEFAULT.with().pidMode("host").ipcMode("host").utsMode("host").build();
    assertThat(run.output()).contains("seen", "done");
  }
}
