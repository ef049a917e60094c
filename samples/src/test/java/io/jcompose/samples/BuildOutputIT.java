package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the result of {@code image build} goes besides the engine's store. */
class BuildOutputIT {
  private static final String FILES =
      """
      FROM busybox AS made
      RUN mkdir -p /out/sub && echo one >/out/one && echo two >/out/sub/two && ln -s ../one /out/sub/l
      RUN chmod 755 /out/one && chown 7:8 /out/one && ln -s /etc /out/etc
      FROM scratch
      COPY --from=made /out /
      """;

  @TempDir static Path root;
  private static Stage stage;
  private Path folder;

  @BeforeAll
  static void open() throws Exception {
    stage = new Stage(root);
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    stage.close();
  }

  @BeforeEach
  void write() throws Exception {
    folder = Files.createTempDirectory(root, "context");
    Files.writeString(folder.resolve("Dockerfile"), FILES);
  }

  private Result build(String... words) throws Exception {
    return stage.ok(
        folder,
        Stream.concat(Stream.of("image", "build"), Stream.of(words)).toArray(String[]::new));
  }

  private List<String> tree(Path of) throws IOException {
    try (Stream<Path> all = Files.walk(of)) {
      return all.map(path -> of.relativize(path).toString())
          .filter(n -> !n.isEmpty())
          .sorted()
          .toList();
    }
  }

  @Test
  void filesComeIntoAFolderAsTheCallers() throws Exception {
    Path out = folder.resolve("to/out");
    build("-o", "to/out", ".");
    assertThat(tree(out)).containsExactly("etc", "one", "sub", "sub/l", "sub/two");
    assertThat(out.resolve("one")).hasContent("one\n").isExecutable();
    assertThat(Files.getAttribute(out.resolve("one"), "unix:uid")).isEqualTo(0);
    assertThat(Files.readSymbolicLink(out.resolve("etc"))).isEqualTo(Path.of("/etc"));
    Files.writeString(folder.resolve("Dockerfile"), FILES.replace("echo one", "echo other"));
    build("--output=type=local,dest=to/out", ".");
    assertThat(out.resolve("one")).hasContent("other\n");
  }

  /** A link that an image brought here is not followed when the next one comes. */
  @Test
  void nothingOutsideOfTheFolderIsReached() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "mine");
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.createSymbolicLink(out.resolve("one"), victim);
    Files.createSymbolicLink(out.resolve("sub"), folder);
    Files.writeString(Files.createDirectories(out.resolve("etc/deep")).resolve("x"), "old");
    build("-o", "out", ".");
    assertThat(victim).hasContent("mine");
    assertThat(folder.resolve("two")).doesNotExist();
    assertThat(Files.isRegularFile(out.resolve("one"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(out.resolve("one")).hasContent("one\n");
    assertThat(Files.isDirectory(out.resolve("sub"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(Files.readSymbolicLink(out.resolve("etc"))).isEqualTo(Path.of("/etc"));
  }

  /** A file is written as a shell's {@code >} would, and its troubles are told as they are. */
  @Test
  void anArchiveIsWrittenThroughALink() throws Exception {
    Path real = Files.writeString(folder.resolve("real.tar"), "old");
    Files.createSymbolicLink(folder.resolve("link.tar"), Path.of("real.tar"));
    Files.createSymbolicLink(folder.resolve("dangling.tar"), Path.of("new.tar"));
    Object inode = Files.getAttribute(real, "unix:ino");
    build("-o", "type=tar,dest=link.tar", "-o", "type=tar,dest=dangling.tar", ".");
    assertThat(folder.resolve("link.tar")).isSymbolicLink();
    assertThat(Files.getAttribute(real, "unix:ino")).isEqualTo(inode);
    assertThat(stage.shell(folder, "cmp real.tar new.tar && tar xOf real.tar one")).contains("one");
    Result full = stage.jcompose(folder, "image", "build", "-o", "type=tar,dest=/dev/full", ".");
    assertThat(full.exitCode()).isEqualTo(1);
    assertThat(full.err()).contains("cannot write to /dev/full: No space left on device");
    Result longName =
        stage.jcompose(folder, "image", "build", "-o", "type=tar,dest=" + "x".repeat(256), ".");
    assertThat(longName.exitCode()).isEqualTo(1);
    assertThat(longName.err()).contains("File name too long");
    assertThat(stage.shell(folder, "ls -A")).doesNotContain(".part");
  }

  @Test
  void anImageIsPackedAsIsAsked() throws Exception {
    build(
        "-o", "type=oci,dest=z.tar,compression=zstd,annotation.org.example.a=b", "-t", "z:1", ".");
    assertThat(
            stage.shell(
                folder,
                "tar xOf z.tar index.json; tar xf z.tar; grep -ah schemaVersion blobs/sha256/*"))
        .contains("docker.io/library/z:1", "tar+zstd", "\"org.example.a\":\"b\"");
    build("-o", "type=oci,dest=layout,tar=false", "--annotation", "org.example.c=d", ".");
    assertThat(folder.resolve("layout/oci-layout")).isRegularFile();
    assertThat(folder.resolve("layout/manifest.json")).doesNotExist();
    assertThat(stage.shell(folder, "grep -ah schemaVersion layout/blobs/sha256/*"))
        .contains("\"org.example.c\":\"d\"");
    Result index = stage.jcompose(folder, "image", "build", "--annotation", "index:a=b", ".");
    assertThat(index.exitCode()).isEqualTo(1);
    assertThat(index.err()).contains("a manifest and nothing else");
  }

  @Test
  void anArchiveGoesToAFileOrToTheNextProgram() throws Exception {
    assertThat(stage.shell(folder, "$J image build -q -o - . >x.tar && tar tf x.tar"))
        .contains("sub/two\n");
    assertThat(stage.shell(folder, "$J image build -qo - . | tar xO one")).contains("one\n");
    build("-o", "type=tar,dest=y.tar", ".");
    assertThat(stage.shell(folder, "tar tvf y.tar")).contains(" 7/8 ").contains("sub/two");
  }

  @Test
  void anImageInAFileIsLoadedAgain() throws Exception {
    build("-t", "made:1", "-o", "type=oci,dest=made.tar", ".");
    String id = stage.ok(folder, "image", "ls", "-q", "--no-trunc", "made:1").out();
    stage.ok(folder, "rmi", "made:1");
    assertThat(stage.ok(folder, "load", "-i", "made.tar").out()).contains("made:1");
    assertThat(stage.ok(folder, "image", "ls", "-q", "--no-trunc", "made:1").out()).isEqualTo(id);
  }

  @Test
  void factsAreWrittenToFiles() throws Exception {
    build("-t", "made:1", "--iidfile", "id", "--metadata-file", "facts.json", ".");
    String id = Files.readString(folder.resolve("id"));
    assertThat(id).startsWith("sha256:");
    assertThat(Files.readString(folder.resolve("facts.json")))
        .contains("\"containerimage.config.digest\":\"" + id + "\"")
        .contains("\"image.name\":\"docker.io/library/made:1\"");
  }

  @Test
  void whatWasBuiltIsPushed() throws Exception {
    String registry = folder.resolve("registry").toString();
    stage.script("registry", "start", registry, "5002");
    try {
      String name = "127.0.0.1:5002/team/made:1";
      build("--push", "-t", name, "--metadata-file", "facts.json", ".");
      build("-o", "type=image,name=127.0.0.1:5002/team/other:1,push=true", ".");
      String id = stage.ok(folder, "image", "ls", "-q", "--no-trunc", name).out();
      stage.ok(folder, "rmi", name, "127.0.0.1:5002/team/other:1");
      stage.ok(folder, "image", "pull", "127.0.0.1:5002/team/other:1");
      stage.ok(folder, "image", "pull", name);
      assertThat(stage.ok(folder, "image", "ls", "-q", "--no-trunc", name).out()).isEqualTo(id);
      String digest =
          stage.ok(folder, "image", "inspect", "-f", "{{index .RepoDigests 0}}", name).out();
      assertThat(Files.readString(folder.resolve("facts.json")))
          .contains(digest.substring(digest.indexOf('@') + 1).strip());
      Files.writeString(
          folder.resolve("compose.yaml"),
          "services: {a: {build: ., image: '127.0.0.1:5002/team/service:1'}}");
      stage.ok(folder, "build", "--push");
      stage.ok(folder, "rmi", "127.0.0.1:5002/team/service:1");
      stage.ok(folder, "image", "pull", "127.0.0.1:5002/team/service:1");
    } finally {
      stage.script("registry", "stop", registry, "5002");
    }
  }

  /** As another host, which has built nothing of it. */
  private void forget() throws Exception {
    stage.shell(folder, "$J image prune -af && $J builder prune -af");
  }

  @Test
  void resultsOfStepsComeFromARegistry() throws Exception {
    String registry = folder.resolve("registry").toString();
    Files.writeString(
        folder.resolve("Dockerfile"),
        "FROM busybox\nCOPY compose.yaml /c\nRUN cat /proc/sys/kernel/random/uuid >/r\n");
    String cache = "127.0.0.1:5002/team/cache:1";
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {a: {build: {context: ., cache_from: ['%s']}, image: 'made:1'}}"
            .formatted(cache));
    stage.script("registry", "start", registry, "5002");
    try {
      String to = "type=registry,mode=max,compression=zstd,ref=" + cache;
      build("--cache-to", to, "--iidfile", "one", ".");
      build("--cache-to", "type=inline", "-t", "127.0.0.1:5002/team/inline:1", "--push", ".");
      forget();
      build("--cache-from", cache, "--iidfile", "two", ".");
      assertThat(folder.resolve("two")).hasSameTextualContentAs(folder.resolve("one"));
      forget();
      assertThat(build("--cache-from", "127.0.0.1:5002/team/inline:1", ".").err())
          .contains("RUN cat /proc/sys/kernel/random/uuid >/r  Cached")
          .doesNotContain("WARN");
      forget();
      assertThat(stage.ok(folder, "build").err())
          .contains("RUN cat /proc/sys/kernel/random/uuid >/r  Cached");
      assertThat(build("--cache-from", "127.0.0.1:5002/team/none", ".").err())
          .contains("importing from 127.0.0.1:5002/team/none:latest failed");
    } finally {
      stage.script("registry", "stop", registry, "5002");
    }
  }

  @Test
  void whatCannotBeIsSaidBeforehand() throws Exception {
    String before = stage.ok(folder, "image", "ls", "-a", "-q").out();
    for (String output : List.of("type=zip", "type=local", "type=oci,dest=a,compression=bzip2")) {
      Result result = stage.jcompose(folder, "image", "build", "-t", "made:1", "-o", output, ".");
      assertThat(result.exitCode()).as(output).isEqualTo(1);
      assertThat(result.err()).contains("--output " + output);
    }
    assertThat(build("--check", "-o", "out", ".").out()).startsWith("Check complete");
    assertThat(folder.resolve("out")).doesNotExist();
    Result untagged = stage.jcompose(folder, "image", "build", "--push", ".");
    assertThat(untagged.exitCode()).isEqualTo(1);
    assertThat(untagged.err()).contains("tag is needed when pushing to registry");
    assertThat(stage.ok(folder, "image", "ls", "-a", "-q").out()).isEqualTo(before);
  }
}
