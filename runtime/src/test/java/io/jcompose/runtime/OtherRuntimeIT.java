package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers made by crun and runc, compared with the engine's own. */
class OtherRuntimeIT {
  /**
   * What a process can see of its contract. Left out is what these runtimes do in their own way:
   * the options of mounts that mask, the owner of /dev/null, /dev/core.
   */
  private static final String CONTRACT =
      """
      grep -E '^(Cap|Seccomp:|NoNewPrivs|Sig[IB]|Umask|Uid|Gid|Groups)' /proc/self/status
      echo == limits; grep -E 'open files|core|processes' /proc/self/limits
      echo == env; env | grep -vE '^(_|SHLVL)='; pwd; id
      echo == ns; for n in cgroup ipc net uts; do readlink /proc/1/ns/$n | grep -c . ; done
      echo == host; hostname | wc -c; cat /proc/self/oom_score_adj
      echo == mounts; busybox cut -d' ' -f5,6 /proc/self/mountinfo | grep -vE '^/(proc|sys/firm)' | busybox sort
      echo == protected; busybox cut -d' ' -f5 /proc/self/mountinfo | grep -E '^/(proc|sys/firm)' | busybox sort
      echo == dev; busybox stat -c '%A %t:%T %N' /dev/* | grep -v kcore
      echo == masked; cat /proc/keys /proc/timer_list | wc -c; ls /sys/firmware | wc -l
      echo == ro; for p in /proc/sys/kernel/domainname /sys/x /proc/sysrq-trigger; do (: >> $p) 2>/dev/null && echo $p; done
      echo == sysctl; cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax
      echo == calls; unshare -U true; mount -t tmpfs x /tmp; mknod /tmp/sda b 8 0 && cat /tmp/sda
      echo == lo; cat /sys/class/net/lo/operstate /sys/class/net/lo/flags; true
      """;

  private TestHost host;

  @BeforeEach
  void open() {
    host = new TestHost();
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  private TestHost.Run by(String runtime, String... args) {
    var run = host.run(args);
    run.security = security(runtime, List.of(), Map.of());
    return run;
  }

  private static Security security(
      String runtime, List<String> options, Map<String, Ulimit> ulimits) {
    return Security.DEFAULT
        .with()
        .capAdd(List.of("NET_ADMIN"))
        .capDrop(List.of("MKNOD"))
        .securityOpt(options)
        .devices(List.of("/dev/kmsg:/dev/kmsg3:r"))
        .sysctls(Map.of("kernel.msgmax", "4096"))
        .ulimits(ulimits)
        .runtime(runtime)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void givesTheSameContract(String runtime) throws IOException {
    Path data = Files.createDirectories(host.root.resolve("data"));
    String[] texts = new String[2];
    for (int i = 0; i < 2; i++) {
      var run = by(i == 0 ? "" : runtime, "sh", "-c", "exec 2>&1; " + CONTRACT);
      run.security =
          security(
              i == 0 ? "" : runtime,
              List.of("no-new-privileges"),
              Map.of("core", new Ulimit(0, -1)));
      run.user = "joe";
      run.cwd = "/home/joe/new";
      run.env = List.of("A=b c", "HOSTNAME=x");
      run.mounts =
          List.of(
              new Mount.Bind(data, "/data", true, true, "rprivate"),
              new Mount.Tmpfs("/data2", "size=1m,mode=1770"));
      run.process = ProcessSpec.DEFAULT.withGroupAdd(List.of("audio"));
      texts[i] = run.output();
    }
    assertThat(texts[1]).isEqualTo(texts[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void isRunAndEndedAsAnyOther(String runtime) throws IOException {
    var ending = by(runtime, "sh", "-c", "echo hello; echo oops >&2; exit 7").start();
    assertThat(ending.awaitEnd().code()).isEqualTo(7);
    assertThat(ending.text()).contains("hello\n", "oops\n");

    var run = by(runtime, "sh", "-c", "read x; echo got $x; exec sleep 1000");
    run.process = ProcessSpec.DEFAULT.withStdinOpen(true);
    run.resources = limited();
    run.start();
    host.restartEngine();
    Task task =
        host.runtime()
            .adopt(run.id, run.bundle, "", (ended, exit) -> run.ends.add(exit))
            .orElseThrow();
    try (StreamSession session = task.attach(true)) {
      session.stdin().write("this\n".getBytes(StandardCharsets.UTF_8));
      host.await("its answer", () -> run.text().equals("got this\n"));
    }
    assertThat(TaskRuntimeIT.exec(task, "in", "sh", "-c", "cat; cat /proc/1/comm; exit 3"))
        .isEqualTo("insleep\n[3]");
    assertThat(TaskRuntimeIT.exec(task, "", "unshare", "-U", "true")).contains("not permitted");
    assertThat(task.stats().memoryLimitBytes()).isEqualTo(64L << 20);
    assertThat(task.processes()).hasSize(1);
    task.pause();
    task.resume();
    task.signal(15); // to the first process of a namespace, which has no handler: nothing
    task.signal(9);
    TaskExit exit = run.awaitEnd();
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.signal()).isEqualTo(9);
  }

  private static Resources limited() {
    return Resources.UNLIMITED.with().memoryBytes(64L << 20).pidsLimit(50).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void saysWhyAProgramCannotBeExecuted(String runtime) {
    assertThatThrownBy(() -> by(runtime, "nope").start())
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(127))
        .hasMessageContaining("nope");
    assertThatThrownBy(() -> by(runtime, "/etc/passwd").start())
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(126));
  }

  @Test
  void leavesNothingWhenItsShimIsKilled() {
    var run = by("runc", "sleep", "1000").start();
    long shim = ProcessHandle.of(run.task.pid()).orElseThrow().parent().orElseThrow().pid();
    assertThat(ProcessHandle.of(shim).orElseThrow().destroyForcibly()).isTrue();
    assertThat(run.awaitEnd().lost()).isTrue();
    host.await("the process to end", () -> ProcessHandle.of(run.task.pid()).isEmpty());
  }

  @Test
  void refusesWhatItCannotDo() {
    var tty = by("crun", "true");
    tty.process = ProcessSpec.DEFAULT.withTty(true);
    assertThatThrownBy(tty::start)
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("a terminal (tty) with runtime crun");
    assertThatThrownBy(() -> by("nvidia", "true").start())
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("unknown or invalid runtime name: nvidia");
    assertThatThrownBy(() -> by("silent", "true").start())
        .hasMessageContaining("OCI runtime create failed: it said nothing");
  }
}
