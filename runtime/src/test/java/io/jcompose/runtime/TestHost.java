package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.IdMap;
import io.jcompose.core.Ids;
import io.jcompose.core.Mount;
import io.jcompose.core.Resources;
import io.jcompose.runtime.cgroup.CgroupHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A runtime on a directory of its own, with a busybox image; checks at its end that nothing is
 * left.
 */
final class TestHost implements AutoCloseable {
  private static final int LIMIT_SECONDS = 120; // an emulated processor is slow
  final Path root;
  final Path image;
  final RuntimeConfig config;
  private final List<String> ids = new ArrayList<>();
  private TaskRuntime runtime;

  TestHost() {
    try {
      root = Files.createTempDirectory(Path.of("/tmp"), "jcrt");
      image = root.resolve("image");
      busybox(image);
      config =
          new RuntimeConfig(
              root.resolve("run"),
              Path.of(System.getProperty("jcompose.shim", "target/jcompose-shim")),
              "/jcompose-test-" + root.getFileName(),
              Map.of("silent", new OciRuntime(Path.of("/bin/false"), List.of())));
      runtime = TaskRuntime.open(config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void busybox(Path image) throws IOException {
    Files.createDirectories(image.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), image.resolve("bin/busybox"));
    for (String applet :
        List.of(
            "sh",
            "cat",
            "echo",
            "true",
            "false",
            "sleep",
            "ls",
            "id",
            "env",
            "hostname",
            "mount",
            "dd",
            "tr",
            "head",
            "yes",
            "ps",
            "grep",
            "stty",
            "tty",
            "touch",
            "rm",
            "mkdir",
            "seq",
            "kill",
            "wc",
            "unshare",
            "mknod",
            "pwd",
            "stat",
            "readlink",
            "sysctl",
            "ulimit",
            "printf",
            "usleep",
            "chroot",
            "domainname")) {
      Files.createSymbolicLink(image.resolve("bin/" + applet), Path.of("busybox"));
    }
    for (String dir : List.of("etc", "tmp", "proc", "dev", "sys", "root", "home/joe")) {
      Files.createDirectories(image.resolve(dir));
    }
    Files.writeString(
        image.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1000::/home/joe:/bin/sh\n");
    Files.writeString(
        image.resolve("etc/group"), "root:x:0:\njoe:x:1000:\nwheel:x:10:joe,other\naudio:x:29:\n");
    Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  TaskRuntime runtime() {
    return runtime;
  }

  /** As after kill -9 of the engine: a new runtime that knows nothing. */
  void restartEngine() {
    restartEngine(() -> {});
  }

  /** As {@link #restartEngine()}, with something that happens while there is no engine. */
  void restartEngine(Runnable meanwhile) {
    runtime.close();
    meanwhile.run();
    runtime = TaskRuntime.open(config);
  }

  /** A run of a program in a container of its own. */
  Run run(String... args) {
    return new Run(this, List.of(args));
  }

  void await(String what, BooleanSupplier condition) {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(limit);
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() throws IOException {
    runtime.sweep(Set.of());
    runtime.close();
    List<String> left = new ArrayList<>();
    for (Path hierarchy : CgroupHost.detect().allHierarchies()) {
      Path group = hierarchy.resolve(config.cgroupRoot().substring(1));
      if (Files.exists(group)) {
        left.add(group.toString());
      }
    }
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      mounts.filter(line -> line.contains(root.toString())).forEach(left::add);
    }
    try (Stream<Path> run = Files.list(config.runDir())) {
      run.map(Path::toString).forEach(left::add);
    }
    for (String id : ids) {
      await(
          "the shims to end",
          () ->
              ProcessHandle.allProcesses()
                  .noneMatch(p -> p.info().commandLine().orElse("").contains(root + "/run/")));
    }
    try (Stream<Path> all = Files.walk(root)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.deleteIfExists(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
    assertThat(left).as("left behind").isEmpty();
  }

  /** One container: its spec, and after the start its task. */
  static final class Run {
    final TestHost host;
    final String id = Ids.next();
    final Path bundle;
    final BlockingQueue<TaskExit> ends = new ArrayBlockingQueue<>(4);
    List<String> args;
    List<String> env = List.of();
    List<Mount> mounts = List.of();
    String user = "";
    String cwd = "";
    ProcessSpec process = ProcessSpec.DEFAULT;
    Security security = Security.DEFAULT;
    Resources resources = Resources.UNLIMITED;
    NetworkNamespace network = new NetworkNamespace.Loopback();
    TaskSpec.Joined joined = TaskSpec.Joined.NONE;
    IdMap ids = IdMap.HOST;
    TaskLabels labels = TaskLabels.NONE;
    HeldNamespaces held;
    long logMaxBytes = -1;
    int logMaxFiles = 1;
    String logAttributes = "";
    boolean logPacked;
    Path image;
    Task task;

    Run(TestHost host, List<String> args) {
      this.host = host;
      this.args = args;
      this.image = host.image;
      this.bundle = host.root.resolve("containers").resolve(id);
      host.ids.add(id);
    }

    TaskSpec spec() {
      try {
        Files.createDirectories(bundle.resolve("upper"));
        Files.createDirectories(bundle.resolve("work"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      ContainerSpec base = ContainerSpec.of("test", "busybox");
      ContainerSpec spec =
          base.with().process(process).security(security).resources(resources).build();
      return new TaskSpec(
          id,
          bundle,
          spec,
          args,
          env,
          cwd,
          user,
          new Mount.Overlay(List.of(image), bundle.resolve("upper"), bundle.resolve("work"), "/"),
          mounts,
          network,
          held == null ? UserNamespace.HOST : held.users(),
          id.substring(0, 12),
          joined,
          labels,
          new TaskSpec.LogSpec(log(), logMaxBytes, logMaxFiles, logAttributes, logPacked));
    }

    Path log() {
      return bundle.resolve(id + "-json.log");
    }

    Run start() {
      try (HeldNamespaces own = ids.isHost() ? null : host.runtime.namespaces(ids, false)) {
        held = own == null ? held : own;
        task = host.runtime.start(spec(), (ended, exit) -> ends.add(exit));
        return this;
      }
    }

    TaskExit awaitEnd() {
      try {
        TaskExit exit = ends.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(exit).as("end of " + args + "; log: " + text()).isNotNull();
        return exit;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Starts, waits for a good end, and gives what was logged. */
    String output() {
      start();
      TaskExit exit = awaitEnd();
      assertThat(exit.code()).as("exit code; log: " + text()).isZero();
      return text();
    }

    /** The log's text, both streams. */
    String text() {
      if (!Files.exists(log(), LinkOption.NOFOLLOW_LINKS)) {
        return "";
      }
      try {
        StringBuilder text = new StringBuilder();
        var json = new ObjectMapper();
        for (String line : Files.readAllLines(log())) {
          text.append(json.readTree(line).get("log").asText());
        }
        return text.toString();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
