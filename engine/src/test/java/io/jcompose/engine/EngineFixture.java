package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Containers.LogRecord;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.IdMap;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Progress;
import io.jcompose.core.StreamSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An engine on a state root of its own with one image, as an extension of JUnit's: in a static
 * field one for all tests of a class, in another field one for each test. After each test it
 * removes all containers, networks and volumes, and asserts that nothing of them is left on the
 * host; at its end, that nothing of the engine is.
 */
final class EngineFixture
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        AutoCloseable {
  final List<EngineEvent> events = new CopyOnWriteArrayList<>(); // of the present test
  Path root;
  EngineConfig config;
  String image;

  /** Of the engines that are opened from now on. */
  IdMap ids;

  private final long diskBytes;
  private ImageServer server;
  private Engine engine;
  private boolean isForAll;

  EngineFixture() {
    this(IdMap.HOST);
  }

  EngineFixture(IdMap ids) {
    this(ids, 0);
  }

  private EngineFixture(IdMap ids, long diskBytes) {
    this.ids = ids;
    this.diskBytes = diskBytes;
  }

  /** One on a disk of its own of that size, for one test; closed by it. */
  static EngineFixture onDisk(long bytes) throws Exception {
    EngineFixture fixture = new EngineFixture(IdMap.HOST, bytes);
    fixture.begin();
    return fixture;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    isForAll = true;
    begin();
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    if (!isForAll) {
      begin();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (isForAll) {
      requireNothingLeft();
      events.clear();
    } else {
      close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  private void begin() throws Exception {
    root = Files.createTempDirectory(Path.of("/tmp"), "jceng");
    if (diskBytes > 0) {
      shell("mount -t tmpfs -o size=" + diskBytes + " jceng " + root);
    }
    config =
        new EngineConfig(
            root.resolve("state"),
            root.resolve("run"),
            root.resolve("none.json"),
            Path.of(System.getProperty("jcompose.shim", "../runtime/target/jcompose-shim"))
                .toAbsolutePath()
                .normalize());
    server = new ImageServer();
    open();
    image = server.reference();
    pull();
  }

  void pull() {
    engine.images().pull(image, "", Progress.NONE);
  }

  Engine engine() {
    return engine;
  }

  Containers containers() {
    return engine.containers();
  }

  void open() {
    engine = Engine.open(config, ids);
    engine.events().subscribe(events::add);
  }

  /** Ends the engine, which leaves what runs alone; {@link #open} comes after. */
  void shut() {
    engine.close();
  }

  void reopen() {
    shut();
    open();
  }

  void network(String name) {
    engine.networks().create(NetworkSpec.of(name));
  }

  TestSpec spec(String name) {
    return new TestSpec(name, image);
  }

  String create(TestSpec spec) {
    return containers().create(spec.build());
  }

  String start(TestSpec spec) {
    String id = create(spec);
    containers().start(id);
    return id;
  }

  /** Runs a container to its end; the id, for its log. */
  String run(TestSpec spec) {
    String id = start(spec);
    containers().await(id);
    return id;
  }

  ContainerView view(String ref) {
    return containers().find(ref).orElseThrow();
  }

  /** The whole log of a container, streams mixed. */
  String log(String ref) {
    StringBuilder all = new StringBuilder();
    try (LogReader reader = containers().logs(ref, LogQuery.ALL)) {
      for (LogRecord r = reader.next(); r != null; r = reader.next()) {
        all.append(r.text());
      }
    }
    return all.toString();
  }

  /** The output of a script in a running container. */
  String exec(String ref, String script) {
    ExecSpec spec =
        new ExecSpec(List.of("sh", "-c", script), List.of(), "", "", false, false, false);
    try (StreamSession session = containers().exec(ref, spec)) {
      String output = output(session);
      session.exitCode();
      return output;
    }
  }

  static String output(StreamSession session) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      session.pump((stream, buffer, offset, length) -> all.write(buffer, offset, length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  Path container(String id) {
    return config.container(id);
  }

  static void await(String what, BooleanSupplier condition) {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(120); // an emulated processor is slow
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(limit);
      LockSupport.parkNanos(2_000_000);
    }
  }

  void removeAll() {
    containers().list(Map.of()).forEach(c -> containers().remove(c.id(), true, true));
    engine.networks().list(Map.of()).forEach(n -> engine.networks().remove(n.id()));
    engine.volumes().list(Map.of()).forEach(v -> engine.volumes().remove(v.name()));
  }

  private void requireNothingLeft() {
    removeAll();
    await("everything to go, left: " + left(), () -> left().isEmpty());
  }

  /** What the host shows of this engine's containers; empty when all are gone. */
  List<String> left() {
    List<String> left = new ArrayList<>();
    try {
      for (String dir : List.of("run/tasks", "run/files", "state/containers", "state/volumes")) {
        if (Files.isDirectory(root.resolve(dir))) {
          try (Stream<Path> entries = Files.list(root.resolve(dir))) {
            entries.filter(p -> Files.isDirectory(p)).map(Path::toString).forEach(left::add);
          }
        }
      }
      try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
        mounts.filter(line -> line.contains(root + "/state/containers")).forEach(left::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // by a program that bears what others remove meanwhile; std is shared by all, it goes with the
    // root
    String groups =
        "find /sys/fs/cgroup -maxdepth 3 -type d -path '*" + config.cgroupRoot() + "/*'";
    shell(groups + " ! -name std").lines().forEach(left::add);
    shell("ip -o link").lines().filter(l -> !l.contains(" lo:")).forEach(left::add);
    if (shell("nft list table inet jcompose_" + config.engineId()).contains("elements")) {
      left.add("firewall elements");
    }
    return left;
  }

  @Override
  public void close() {
    server.close();
    if (engine == null) { // it could not be opened, and the test has failed by that
      shell("umount " + root + "; rm -rf " + root);
      return;
    }
    requireNothingLeft();
    shut();
    await("shims to end", () -> processes().isEmpty());
    await("cgroup roots to go", () -> shell(groupRoots()).isEmpty());
    shell("umount " + root);
    assertThat(shell("grep " + root + " /proc/self/mountinfo")).isEmpty();
    assertThat(shell("nft delete table inet jcompose_" + config.engineId())).isEmpty();
    assertThat(shell("rm -rf " + root)).isEmpty();
  }

  private List<String> processes() {
    return ProcessHandle.allProcesses()
        .map(p -> p.info().commandLine().orElse(""))
        .filter(c -> c.contains("jcompose-shim") && c.contains(root.toString()))
        .toList();
  }

  private String groupRoots() {
    return "find /sys/fs/cgroup -maxdepth 2 -name " + config.cgroupRoot().substring(1);
  }

  /** What a command says on its standard output; not what it says of errors. */
  static String shell(String command) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What was told, which is a moment after it can be seen. */
  List<HealthStatus> healthChanges() {
    return events.stream()
        .filter(EngineEvent.HealthChanged.class::isInstance)
        .map(event -> ((EngineEvent.HealthChanged) event).health())
        .toList();
  }
}
