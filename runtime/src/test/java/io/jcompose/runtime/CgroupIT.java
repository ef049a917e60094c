package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The groups of a container: where they are, what they limit, freeze and count. */
class CgroupIT {
  private static final String NESTING =
      """
      for h in /sys/fs/cgroup /sys/fs/cgroup/*; do
        mkdir -p $h/a/b/c $h/.x/y 2>/dev/null || continue
        for f in cpuset.cpus cpuset.mems; do
          if [ -e $h/$f ]; then cat $h/$f >$h/a/$f; cat $h/$f >$h/a/b/$f; fi
        done
        if [ -e $h/a/b/cgroup.procs ]; then echo $$ >$h/a/b/cgroup.procs; fi
      done 2>/dev/null
      echo nested
      sleep 1000
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

  @Test
  void putsGroupsBelowTheParentAskedFor() throws IOException {
    String parent = host.config.cgroupRoot() + "-parent";
    var run = host.run("sleep", "1000");
    run.security = Security.DEFAULT.withCgroupParent(parent);
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
      throw new UncheckedIOException(e);
    }
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

  private static Resources limits(long nanoCpus, long memory, long pids) {
    return Resources.UNLIMITED
        .with()
        .nanoCpus(nanoCpus)
        .memoryBytes(memory)
        .pidsLimit(pids)
        .build();
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

  /** As systemd and dockerd do in privileged containers; whoever removes the task's groups. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void removesWhatAPrivilegedContainerMadeInItsGroups(boolean withoutShim) throws IOException {
    var run = host.run("sh", "-c", NESTING);
    run.security = Security.DEFAULT.withPrivileged(true);
    run.start();
    host.await("the groups", () -> run.text().contains("nested"));
    assertThat(Files.readString(Path.of("/proc/" + run.task.pid() + "/cgroup"))).contains("/a/b\n");
    if (withoutShim) {
      assertThat(ProcessHandle.of(run.task.pid()).orElseThrow().parent().orElseThrow())
          .matches(ProcessHandle::destroyForcibly);
    } else {
      run.task.killAll();
    }
    run.awaitEnd();
    CgroupLayout layout = new CgroupLayout(CgroupHost.detect(), host.config.cgroupRoot());
    host.await("their removal", () -> !layout.ids().contains(run.id));
  }
}
