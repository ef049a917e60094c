package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.IdMap.Range;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.StreamSession;
import io.jcompose.linux.Libc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks whose users are other ones on the host. */
class UserNamespaceIT {
  static final IdMap IDS =
      new IdMap(List.of(new Range(0, 200_000, 65536)), List.of(new Range(0, 300_000, 65536)));

  private TestHost host;
  private Path data;

  @BeforeEach
  void open() throws IOException {
    host = new TestHost();
    data = Files.createDirectory(host.root.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  private TestHost.Run mapped(String script) {
    TestHost.Run run = host.run("sh", "-c", script);
    run.ids = IDS;
    return run;
  }

  private static Security with(
      List<String> capabilities, List<String> options, Map<String, Ulimit> ulimits) {
    return Security.DEFAULT
        .with()
        .capAdd(capabilities)
        .securityOpt(options)
        .devices(List.of("/dev/zero:/dev/null2"))
        .deviceCgroupRules(List.of("b *:* rwm", "c *:* rwm"))
        .ulimits(ulimits)
        // a user namespace of Linux 6.1 has no net.core
        .sysctls(Map.of("net.ipv4.ip_default_ttl", "77"))
        .build();
  }

  private static String exec(TestHost.Run run, String user, boolean tty, String script)
      throws IOException {
    ExecSpec spec =
        new ExecSpec(List.of("sh", "-c", script), List.of(), user, "", tty, false, false);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (StreamSession session = run.task.exec(spec)) {
      session.pump((stream, buffer, offset, length) -> all.write(buffer, offset, length));
      assertThat(session.exitCode()).as(all.toString(StandardCharsets.UTF_8)).isZero();
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private static String status(long pid, String key) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith(key + ":"))
          .map(line -> line.substring(key.length() + 1).strip().replaceAll("\\s+", " "))
          .collect(Collectors.joining());
    }
  }

  @Test
  void isRootInsideAndNobodyOnTheHost() throws IOException {
    var run = mapped("id; cat /proc/self/uid_map /proc/self/gid_map; echo ready; exec sleep 100");
    run.start();
    host.await("the task", () -> run.text().contains("ready"));
    assertThat(run.text())
        .contains("uid=0(root) gid=0(root)", "0     200000      65536", "0     300000      65536");
    assertThat(status(run.task.pid(), "Uid")).isEqualTo("200000 200000 200000 200000");
    assertThat(status(run.task.pid(), "Gid")).isEqualTo("300000 300000 300000 300000");
    assertThat(status(run.task.pid(), "CapEff")).isEqualTo("00000000a80425fb");
    assertThat(exec(run, "", false, "id -u; ulimit -n; cat /proc/self/status"))
        .contains("0\n1024\n", "CapEff:\t00000000a80425fb", "Seccomp:\t2");
    assertThat(exec(run, "joe", false, "id; echo again > /dev/stdout; touch /tmp/x 2>&1; true"))
        .contains("uid=1000(joe)", "again", "Permission denied");
    assertThat(exec(run, "", true, "tty; id -u")).contains("/dev/pts/", "0");
    run.task.signal(9);
    assertThat(run.awaitEnd().code()).isEqualTo(137);
  }

  @Test
  void ownersOnDiskAreThoseInside() throws IOException {
    var run =
        mapped(
            "touch /made; mkdir /dir; echo x >> /etc/passwd; chroot / true; ls -ln / /etc;"
                + " rm /etc/group; chown 1000:10 /dir; ls -ln /");
    assertThat(run.output())
        .contains("-rw-r--r--    1 0        0")
        .containsPattern("1000 +10 .* dir")
        .doesNotContain("not permitted")
        .doesNotContain("Value too large");
    Path upper = run.bundle.resolve("upper");
    assertThat(Files.getAttribute(upper.resolve("made"), "unix:uid")).isEqualTo(0);
    assertThat(Files.getAttribute(upper.resolve("dir"), "unix:uid")).isEqualTo(1000);
    assertThat(Files.getAttribute(upper.resolve("dir"), "unix:gid")).isEqualTo(10);
    assertThat(Files.getAttribute(upper.resolve("etc/passwd"), "unix:uid")).isEqualTo(0);
  }

  @Test
  void mayNotDoOnTheHostWhatOnlyItsRootMay() throws IOException {
    Path secret = Files.writeString(data.resolve("secret"), "of the host");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    var run =
        mapped(
            "cat /data/secret; touch /data/new; chown 0 /data/secret; mknod /n c 1 3;"
                + " echo 1 > /proc/sys/kernel/panic;"
                + " echo 0 > /sys/fs/cgroup/pids/pids.max; stat -c %u:%g /data/secret;"
                + " mount -o remount,rw /proc/sys; echo 2 > /proc/sys/kernel/panic;"
                + " mount -t tmpfs own /tmp && echo mounted; cat /proc/1/environ > /dev/null;"
                + " unshare -m true && echo unshared; kill -0 2; hostname mine && hostname");
    run.security =
        with(List.of("ALL"), List.of("seccomp=unconfined", "apparmor=unconfined"), Map.of());
    run.mounts = List.of(new Mount.Bind(data, "/data", false, true, "rprivate"));
    assertThat(run.output())
        .contains(
            "can't open '/data/secret': Permission denied",
            "/data/new: Permission denied",
            "/data/secret: Operation not permitted",
            "/n: Operation not permitted",
            "65534:65534",
            "mounted",
            "unshared",
            "mine")
        .contains("kernel/panic: Read-only file system", "kernel/panic: Permission denied")
        .doesNotContain("of the host");
    assertThat(Files.list(data)).containsExactly(secret);
  }

  @Test
  void showsFilesOfTheContainersWithItsOwners() throws IOException {
    Path volume = Files.createDirectory(data.resolve("volume"));
    Path file = Files.writeString(data.resolve("hosts"), "a file\n");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    var run =
        mapped(
            "cat /etc/hosts; echo more >> /etc/hosts; touch /volume/new && chown 7:8 /volume/new;"
                + " stat -c %u:%g /volume /volume/new; touch /volume/ro/x");
    run.mounts =
        List.of(
            new Mount.Bind(file, "/etc/hosts", false, false, "rprivate", true),
            new Mount.Bind(volume, "/volume", false, true, "rprivate", true),
            new Mount.Bind(volume, "/volume/ro", true, true, "rprivate", true));
    run.start();
    assertThat(run.awaitEnd().code()).isEqualTo(1);
    // two streams: what comes between them is not said
    assertThat(run.text()).contains("a file\n", "0:0\n7:8\n", "Read-only file system");
    assertThat(Files.readString(file)).isEqualTo("a file\nmore\n");
    assertThat(Files.getAttribute(volume.resolve("new"), "unix:uid")).isEqualTo(7);
    var refused = mapped("true");
    refused.mounts = List.of(new Mount.Bind(Path.of("/sys"), "/x", false, false, "", true));
    assertThatThrownBy(refused::start)
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("id-mapped mounts");
  }

  @Test
  void hasAsManyMountsAsItWants() throws IOException {
    int count = 300;
    Path file = Files.writeString(data.resolve("file"), "one\n");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    var run = mapped("cat /mnt/* | wc -l");
    run.mounts =
        IntStream.range(0, count)
            .<Mount>mapToObj(i -> new Mount.Bind(file, "/mnt/" + i, true, false, "rprivate", true))
            .toList();
    run.start();
    assertThat(run.awaitEnd().code()).isZero();
    assertThat(run.text()).contains(Integer.toString(count));
  }

  @Test
  void keepsOptionsThatNeedPrivilegeOnTheHost() throws IOException {
    var run =
        mapped(
            InitIT.READY
                + "ulimit -n; ulimit -Hn; sysctl -n net.ipv4.ip_default_ttl; ls -ln /dev/null2; cat"
                + " /proc/self/oom_score_adj /proc/1/comm; head -c 1 /dev/null2 | wc -c; tty;"
                + " cat /proc/net/dev; exec sleep 100");
    run.security =
        with(List.of(), List.of("no-new-privileges"), Map.of("nofile", new Ulimit(99, 199)));
    run.process = ProcessSpec.DEFAULT.with().tty(true).init(true).build();
    run.start();
    host.await("the task", () -> run.text().contains("lo:"));
    assertThat(run.text().replace("\r", ""))
        .startsWith("99\n199\n77\n")
        .contains("1,   5", "\n0\ndocker-init\n1\n", "/dev/pts/0");
    assertThat(exec(run, "", false, "ulimit -n; ulimit -Hn")).isEqualTo("99\n199\n");
    run.task.signal(9);
    run.awaitEnd();
  }

  @Test
  void setUserIdAndFileCapabilitiesStayInside() throws IOException {
    Path su = Files.copy(host.config.shimBinary(), host.image.resolve("bin/suid"));
    Libc.load(Chmod.class).chmod(su.toString(), 04755);
    Path ping = Files.copy(host.image.resolve("bin/busybox"), host.image.resolve("bin/busyboxc"));
    byte[] capability = new byte[20]; // man 7 capabilities: revision 2, effective, CAP_NET_RAW
    capability[0] = 1;
    capability[3] = 2;
    capability[5] = 0x20;
    Libc.load(AttackIT.Calls.class)
        .setxattr(ping.toString(), "security.capability", capability, capability.length, 0);
    var run = mapped("busyboxc cat /proc/self/status; cd /tmp; exec suid launcher x");
    run.user = "joe";
    run.process = ProcessSpec.DEFAULT.withStdinOpen(true);
    run.start();
    host.await("the task", () -> run.text().contains("CapEff"));
    assertThat(run.text()).contains("Uid:\t1000\t1000\t", "CapEff:\t0000000000002000");
    host.await("the last program", () -> run.text().contains("ready"));
    assertThat(status(run.task.pid(), "Uid")).isEqualTo("201000 200000 200000 200000");
    run.task.signal(9);
    run.awaitEnd();
  }

  public interface Chmod {
    int chmod(String path, int mode);
  }

  @Test
  void joinsATasksNamespacesAndIsInItsUserNamespace() throws IOException {
    var first = mapped("echo ready; exec sleep 100");
    first.start();
    HeldProcess other = first.task.process().orElseThrow();
    UserNamespace users = UserNamespace.ofProcess(other);
    assertThat(users.ids()).isEqualTo(IDS);
    try (other;
        HeldNamespaces held = host.runtime().namespaces(users, true)) {
      var second =
          host.run("sh", "-c", "ps; for p in 1 self; do readlink /proc/$p/ns/user; done; ls /sys");
      second.held = held;
      second.joined = new TaskSpec.Joined(other, other, null);
      second.network = new NetworkNamespace.At(held.network(), false);
      assertThat(second.output()).contains("sleep 100", "class");
      String[] lines = second.text().split("\n");
      List<String> namespaces = Stream.of(lines).filter(line -> line.startsWith("user:")).toList();
      assertThat(namespaces).as(second.text()).hasSize(2);
      assertThat(namespaces.get(0)).isEqualTo(namespaces.get(1));
    }
    first.task.signal(9);
    first.awaitEnd();
  }

  @Test
  void aFailedStartLeavesNothing() throws IOException {
    var run = mapped("true");
    run.args = List.of("/missing");
    assertThatThrownBy(run::start).hasMessageContaining("stat /missing: no such file or directory");
    var user = mapped("true");
    user.user = "ghost";
    assertThatThrownBy(user::start).hasMessageContaining("unable to find user ghost");
    host.await("the processes to end", () -> !isAnyMapped());
  }

  private static boolean isAnyMapped() {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes.anyMatch(UserNamespaceIT::isMapped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isMapped(Path process) {
    try {
      return Files.readString(process.resolve("uid_map")).contains("200000");
    } catch (IOException e) {
      return false;
    }
  }
}
