package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine is killed with SIGKILL in each kind of step of a build, once that is seen to be under
 * way. The next engine has nothing left of it; the next build begins where the last whole step
 * ended, and gives what an undisturbed one gives.
 */
@Timeout(300)
@Tag("minutes")
class BuildCrashIT {
  private static final int FILES = 8_000;
  private static final int MOST_TRIES = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FIRST = "FROM busybox\nRUN echo one >/one\n";

  @TempDir Path root;
  private Path folder;
  private Stage stage;
  private List<String> before;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("project"));
    stage = new Stage(root);
    stage.ok(folder, "image", "pull", "-q", "busybox");
    dockerfile("FROM busybox\nRUN true\n");
    stage.ok(folder, "image", "build", "-q", "-t", "made:1", "."); // some of what it leaves stays
    stage.ok(folder, "image", "rm", "made:1");
    stage.ok(folder, "builder", "prune", "-af");
    await("the disk to have all", () -> isWritten(root.resolve("lib/images")));
    before = present();
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.close();
  }

  /** All that a step may leave, as names without numbers that differ from run to run. */
  private List<String> present() throws Exception {
    List<String> all = new ArrayList<>();
    for (String place :
        List.of(
            "lib/containers",
            "lib/networks",
            "lib/volumes",
            "lib/build/scratch",
            "lib/build/inputs",
            "run/files",
            "run/tasks")) {
      names(root.resolve(place))
          .filter(name -> !name.endsWith(".jsonl"))
          // what the host's forwarding was before, as long as an engine has had a network
          .filter(name -> !name.equals("forwarding"))
          .map(name -> place + "/" + name.replaceAll("^launcher-\\d+$", "launcher"))
          .forEach(all::add);
    }
    for (String place :
        List.of("lib/images/snapshots", "lib/images/ingest", "lib/build/caches", "lib/images")) {
      names(root.resolve(place))
          .filter(name -> name.startsWith(".") || name.endsWith(".tmp"))
          .map(name -> place + "/" + name)
          .forEach(all::add);
    }
    names(folder).filter(name -> name.startsWith(".jcompose-")).forEach(all::add);
    stage
        .shell(
            folder,
            """
            PATH=$PATH:/usr/sbin:/sbin
            LEFTOVERS ROOT | sed -E 's/^process [0-9]+ ([^ ]+).*/process \\1/; s/launcher-[0-9]+/launcher/'
            grep -o ' ROOT[^ ]*' /proc/self/mountinfo
            ip -o link | cut -d: -f2
            id=$(nft list tables | sed -n 's/.*jcompose_//p')
            find /sys/fs/cgroup -maxdepth 5 -type d -path "*jcompose-$id*"
            nft list ruleset | grep -i elements
            ps -eo args= | grep -E '^[^ ]*(git|ssh-agent) .*ROOT'
            :
            """
                .replace("LEFTOVERS", Stage.HOME.resolve("scripts/leftovers").toString())
                .replace("ROOT", root.toString()))
        .lines()
        .forEach(all::add);
    return all.stream().sorted().toList();
  }

  private static boolean isWritten(Path images) {
    try {
      return names(images).noneMatch(name -> name.endsWith(".tmp"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> names(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(path -> names.add(path.getFileName().toString()));
    } catch (NoSuchFileException e) {
      // nothing was ever there
    }
    return names.stream();
  }

  private void dockerfile(String text) throws IOException {
    Files.writeString(folder.resolve("Dockerfile"), text);
  }

  /** A build whose result depends on nothing but its files, however often it is begun. */
  private String[] build(String... more) {
    return Stream.of(
            Stream.of("--progress", "plain", "image", "build", "-t", "made:1"),
            Stream.of("--build-arg", "SOURCE_DATE_EPOCH=1700000000"),
            Stream.of("-o", "type=image,rewrite-timestamp=true"),
            Stream.of(more),
            Stream.of("."))
        .flatMap(words -> words)
        .toArray(String[]::new);
  }

  private CompletableFuture<Result> begin(String... words) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return stage.jcompose(folder, words);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        Executors.newVirtualThreadPerTaskExecutor());
  }

  private static void await(String what, BooleanSupplier condition) {
    long limit = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(limit);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Kills the engine; the command that was under way tells so. */
  private void kill(CompletableFuture<Result> command) throws Exception {
    stage.killEngine();
    Result result = command.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
  }

  /** The next engine has what was there before, and nothing else. */
  private void nothingIsLeft() throws Exception {
    stage.ok(folder, "image", "ls");
    Stage.eventually(
        () -> {
          List<String> now = new ArrayList<>(present());
          if (!now.equals(before)) {
            List<String> gone = new ArrayList<>(before);
            now.forEach(gone::remove);
            before.forEach(now::remove);
            throw new IOException("more than before: " + now + "; less: " + gone);
          }
          return "";
        });
  }

  /** What the same build gives now, whose first steps are known; and gives in a fresh store. */
  private void goesOn(int known, String... more) throws Exception {
    nothingIsLeft();
    Result again = stage.ok(folder, build(more));
    assertThat(again.err().lines().filter(line -> line.contains(" Cached")))
        .as(again.toString())
        .hasSize(known);
    same(more);
    nothingIsLeft();
  }

  private void same(String... more) throws Exception {
    String made = id();
    stage.shell(folder, "$J image save made:1 | tar t >/dev/null"); // reads each layer
    stage.ok(folder, "image", "rm", "made:1");
    stage.ok(folder, "builder", "prune", "-af");
    stage.ok(folder, build(more));
    assertThat(id()).isEqualTo(made);
  }

  /** A file of what the build gives. */
  private String file(String name, String... more) throws Exception {
    String words = String.join(" ", build(more)).replace("--progress plain", "");
    return stage.shell(folder, "$J " + words + " -q -o - | tar xO " + name);
  }

  private String id() throws Exception {
    return stage.ok(folder, "image", "ls", "-q", "--no-trunc", "made:1").out();
  }

  /** A layer in the making that has some of its files. */
  private boolean isBegun() {
    return inTheMaking().anyMatch(made -> has(made.resolve("fs")) && has(made.resolve("work")));
  }

  /** A layer that is whole and has no name yet. */
  private boolean isBeingNamed() {
    return inTheMaking()
        .anyMatch(made -> has(made.resolve("fs/many")) && !Files.exists(made.resolve("work")));
  }

  private Stream<Path> inTheMaking() {
    Path snapshots = root.resolve("lib/images/snapshots");
    try {
      return names(snapshots)
          .filter(name -> name.startsWith(".new-") && name.endsWith("-build"))
          .map(snapshots::resolve);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean has(Path folder) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      return all.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Kills it in the middle of what is over in a second: when it was over before the kill, it is
   * begun again.
   */
  private void killWhile(BooleanSupplier underWay, String... more) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      CompletableFuture<Result> build = begin(build(more));
      await("the step", () -> underWay.getAsBoolean() || build.isDone());
      stage.killEngine();
      build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (underWay.getAsBoolean()) {
        return;
      }
      stage.ok(folder, "builder", "prune", "-af");
      stage.jcompose(folder, "image", "rm", "made:1");
    }
    throw new AssertionError("the step was over each time");
  }

  private void manyFiles(Path into) throws IOException {
    Files.createDirectories(into);
    for (int i = 0; i < FILES; i++) {
      Files.writeString(into.resolve("file" + i), "content " + i);
    }
  }

  @Test
  void whileACommandRuns() throws Exception {
    Files.writeString(folder.resolve("given"), "given");
    Files.writeString(folder.resolve("secret"), "hunter22 wait");
    dockerfile(
        FIRST
            + """
            RUN --mount=type=cache,target=/cache --mount=type=bind,source=given,target=/given \\
                --mount=type=secret,id=s,env=S --mount=type=tmpfs,target=/tmpfs --mount=type=ssh \\
                test -z "$SSH_AUTH_SOCK" || test -S "$SSH_AUTH_SOCK" || exit 9; \\
                cat /cache/begun; echo of the cache >/cache/begun; echo two >/two; \\
                case "$S" in *wait) sleep 100000;; esac
            RUN echo three >/three
            """);
    String[] secret = {"--secret", "id=s,src=secret"};
    boolean hasSsh = !stage.shell(folder, "command -v ssh-keygen || :").isEmpty();
    if (hasSsh) {
      stage.shell(folder, "ssh-keygen -q -t ed25519 -N '' -f key");
      secret = new String[] {"--secret", "id=s,src=secret", "--ssh", "default=key"};
    }
    CompletableFuture<Result> build = begin(build(secret));
    await("the command", this::isInCache);
    assertThat(present().stream().anyMatch(line -> line.contains("ssh-agent"))).isEqualTo(hasSsh);
    kill(build);
    nothingIsLeft();
    assertThat(stage.shell(folder, "grep -rl hunter22 ../lib ../run || :")).isEmpty();
    Files.writeString(folder.resolve("secret"), "hunter22");
    Result again = stage.ok(folder, build(secret));
    assertThat(again.err()).contains("of the cache");
    assertThat(again.err().lines().filter(line -> line.contains(" Cached"))).hasSize(1);
    same(secret);
    nothingIsLeft();
  }

  private boolean isInCache() {
    Path caches = root.resolve("lib/build/caches");
    try {
      return names(caches).anyMatch(name -> Files.exists(caches.resolve(name).resolve("begun")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whileFilesAreCopied() throws Exception {
    manyFiles(folder.resolve("many"));
    dockerfile(FIRST + "COPY many /many\n");
    killWhile(this::isBegun);
    goesOn(1);
  }

  @Test
  void whileAnArchiveIsUnpacked() throws Exception {
    manyFiles(folder.resolve("many"));
    stage.shell(folder, "tar czf many.tar.gz many && rm -r many");
    dockerfile(FIRST + "ADD many.tar.gz /\n");
    killWhile(this::isBegun);
    goesOn(1);
  }

  @Test
  void whileWhatACommandWroteIsMadeALayer() throws Exception {
    dockerfile(
        FIRST
            + "RUN mkdir /many; i=0; while [ $i -lt %d ]; do echo $i >/many/$i; i=$((i+1)); done\n"
                .formatted(FILES));
    killWhile(this::isBeingNamed);
    goesOn(1);
  }

  @Test
  void whileACacheIsFilled() throws Exception {
    manyFiles(folder.resolve("many"));
    dockerfile(
        """
        FROM busybox AS many
        COPY many /many
        FROM busybox
        RUN echo one >/one
        RUN --mount=type=cache,from=many,target=/cache ls /cache/many | wc -l >/count
        """);
    killWhile(this::isBeingFilled);
    goesOn(2);
    assertThat(file("count")).isEqualTo(FILES + "\n");
  }

  private boolean isBeingFilled() {
    Path caches = root.resolve("lib/build/caches");
    try {
      return names(caches)
          .anyMatch(name -> name.startsWith(".new-") && has(caches.resolve(name + "/many")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whileTheImageGetsItsName() throws Exception {
    Path blobs = root.resolve("lib/images/blobs/sha256");
    Files.writeString(folder.resolve("given"), "given");
    dockerfile("FROM busybox\nCOPY given /\n");
    long there = names(blobs).count();
    CompletableFuture<Result> build = begin(build());
    await(
        "a document",
        () -> {
          try {
            return names(blobs).count() > there;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    stage.killEngine();
    build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    goesOn(1);
  }

  @Test
  void whileTheBaseIsFetched() throws Exception {
    try (HostileRegistry registry = new HostileRegistry()) {
      Files.createDirectories(folder.resolve("many"));
      String base =
          registry.image(
              "base",
              "",
              tar -> {
                for (int i = 0; i < FILES; i++) {
                  HostileRegistry.entry(tar, new TarArchiveEntry("many" + i));
                }
              });
      dockerfile("FROM %s\nRUN echo one >/one\n".formatted(base));
      HostileRegistry.Hold hold = registry.hold("/blobs/");
      CompletableFuture<Result> build = begin(build());
      hold.await();
      kill(build);
      registry.release(hold);
      names(root.resolve("lib/images/ingest"))
          .forEach(name -> assertThat(name).startsWith("sha256"));
      goesOn(0);
      stage.ok(folder, "image", "rm", base);
    }
  }

  @Test
  void whileAFileOfTheWebIsFetched() throws Exception {
    try (HostileRegistry server = new HostileRegistry()) {
      String digest =
          server.blob("any", "some file".repeat(10_000).getBytes(StandardCharsets.UTF_8));
      dockerfile(FIRST + "ADD http://%s/v2/any/blobs/%s /file\n".formatted(server.host(), digest));
      HostileRegistry.Hold hold = server.hold("/blobs/");
      CompletableFuture<Result> build = begin(build());
      hold.await();
      kill(build);
      server.release(hold);
      goesOn(1);
    }
  }

  @Test
  void whileARepositoryIsFetched() throws Exception {
    try (HostileRegistry server = new HostileRegistry()) {
      dockerfile(FIRST + "ADD http://%s/repository.git /file\n".formatted(server.host()));
      HostileRegistry.Hold hold = server.hold("/repository.git");
      CompletableFuture<Result> build = begin(build());
      hold.await();
      kill(build);
      nothingIsLeft();
      dockerfile(FIRST);
      goesOn(1);
    }
  }

  @Test
  void whileTheContextIsSent() throws Exception {
    dockerfile(FIRST);
    stage.shell(folder, "mkfifo context; echo given >given; tar cf whole.tar given Dockerfile");
    CompletableFuture<Result> build =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return stage.tried(folder, "$J image build -t made:1 - <context");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    try (var out = Files.newOutputStream(folder.resolve("context"))) {
      out.write(Files.readAllBytes(folder.resolve("whole.tar")), 0, 1500);
      Path scratch = root.resolve("lib/build/scratch");
      await("what was sent", () -> has(scratch));
      stage.killEngine();
    }
    Result result = build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    Files.delete(folder.resolve("context"));
    goesOn(0);
  }

  /** The reader of the pipe takes some of what is written, and the engine is killed then. */
  @Test
  void whileTheResultIsWritten() throws Exception {
    dockerfile(FIRST + "RUN dd if=/dev/urandom of=/large bs=1M count=8 2>/dev/null; touch /two\n");
    for (String type : List.of("tar", "oci,compression=uncompressed", "oci", "docker")) {
      stage.shell(folder, "rm -f out; mkfifo out");
      CompletableFuture<Result> build =
          begin("image", "build", "-o", "type=" + type + ",dest=out", ".");
      try (InputStream in = Files.newInputStream(folder.resolve("out"))) {
        assertThat(in.readNBytes(1_000)).hasSize(1_000);
        stage.killEngine();
        assertThat(in.readAllBytes().length).isLessThan(8 << 20);
      }
      Result result = build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(result.exitCode()).as(result.toString()).isNotZero();
      nothingIsLeft();
      if (List.of("tar", "oci,compression=uncompressed").contains(type)) {
        assertThat(large()).as(type).isEmpty();
      } // the usual form is kept for the next one
    }
    Result again =
        stage.ok(folder, "--progress", "plain", "image", "build", "-o", "type=oci,dest=o.tar", ".");
    assertThat(again.err().lines().filter(line -> line.contains(" Cached"))).hasSize(2);
  }

  /** Blobs that are as large as what was built: it lies there unpacked, and need not twice. */
  private List<Path> large() throws IOException {
    Path blobs = root.resolve("lib/images/blobs/sha256");
    return names(blobs)
        .map(blobs::resolve)
        .filter(
            blob -> {
              try {
                return Files.size(blob) >= 8 << 20;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  @Test
  void whileTheResultIsPutIntoAFolder() throws Exception {
    manyFiles(folder.resolve("many"));
    dockerfile("FROM scratch\nCOPY many /\n");
    String[] command = {"--progress", "plain", "image", "build", "-o", "out", "."};
    CompletableFuture<Result> build = begin(command);
    await("the first file", () -> has(folder.resolve("out")));
    stage.killEngine();
    build.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    nothingIsLeft();
    Result again = stage.ok(folder, command);
    assertThat(again.err().lines().filter(line -> line.contains(" Cached"))).hasSize(1);
    assertThat(names(folder.resolve("out"))).hasSize(FILES);
  }

  @Test
  void whileItIsPushed() throws Exception {
    try (HostileRegistry registry = new HostileRegistry()) {
      dockerfile(FIRST);
      String name = registry.reference("made");
      HostileRegistry.Hold hold = registry.hold("/uploads/");
      CompletableFuture<Result> build = begin(build("-t", name, "--push"));
      hold.await();
      kill(build);
      registry.release(hold);
      nothingIsLeft();
      assertThat(stage.ok(folder, "image", "ls", "-q", name).out()).isNotEmpty();
      stage.ok(folder, "image", "rm", name);
      goesOn(1);
    }
  }

  /** Nothing of the project was changed, and nobody brings it up but the next who asks. */
  @Test
  void whileAServiceIsBuilt() throws Exception {
    dockerfile(FIRST + "RUN --mount=type=cache,target=/cache touch /cache/begun && sleep 100000\n");
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {web: {build: ., command: sleep 100000, stop_signal: KILL}}\n");
    CompletableFuture<Result> up = begin("up", "-d", "--build");
    await("the command", this::isInCache);
    kill(up);
    nothingIsLeft();
    dockerfile(FIRST);
    stage.ok(folder, "up", "-d", "--build");
    stage.ok(folder, "down", "--rmi", "all");
    nothingIsLeft();
  }
}
