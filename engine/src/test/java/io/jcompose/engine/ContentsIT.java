package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Contents;
import io.jcompose.core.Contents.Archive;
import io.jcompose.core.Contents.Change;
import io.jcompose.core.Contents.Destination;
import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ContentsIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void readsFilesDirectoriesAndLinksWhetherTheContainerRunsOrNot() throws Exception {
    host.start(
        host.spec("box")
            .sh(
                "mkdir -p /d/sub; echo one >/d/a; echo two >/d/sub/b; ln -s /d/a /l; ln /d/a"
                    + " /d/hard; chmod 4750 /d/a; echo up; exec sleep 1000"));
    EngineFixture.await("its files", () -> host.log("box").contains("up"));
    for (boolean runs : List.of(true, false)) {
      assertThat(read("/d", false))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "d/", "",
                  "d/a", "one\n",
                  "d/hard", "-> d/a",
                  "d/sub/", "",
                  "d/sub/b", "two\n"));
      assertThat(read("/d/sub/.", false).keySet()).containsExactly("./", "./b");
      assertThat(read("l", false)).containsExactly(Map.entry("l", "-> /d/a"));
      assertThat(read("/l", true)).containsExactly(Map.entry("l", "one\n"));
      assertThat(read("/d/../d/sub/b", false)).containsExactly(Map.entry("b", "two\n"));
      assertThatThrownBy(() -> read("/d/none", false))
          .isInstanceOf(JcomposeException.NotFound.class)
          .hasMessageStartingWith("Could not find the file /d/none in container");
      if (runs) {
        host.containers().kill("box", "KILL");
      }
    }
  }

  @Test
  void writesByTheRulesOfDockerCp() throws Exception {
    host.start(host.spec("box").sh("mkdir /d; echo old >/f; echo up; exec sleep 1000"));
    EngineFixture.await("its files", () -> host.log("box").contains("up"));
    write(new Destination("/d", "x", false, false), file("x", "1"));
    write(new Destination("/f", "x", false, false), file("x", "2"));
    write(new Destination("/new", "x", false, false), file("x", "3"));
    write(new Destination("/made", "dir", true, false), file("dir/in", "4"));
    write(new Destination("/d", "dir", true, false), file("dir/in", "5"));
    write(new Destination("/d", "", true, false), gzip(file("raw", "6")));
    assertThat(host.exec("box", "cat /d/x /f /new /made/in /d/dir/in /d/raw; stat -c %u:%a /new"))
        .isEqualTo("1234567:640\n");

    assertRefused(new Destination("/f", "dir", true, false), file("dir/in", ""), "copy directory");
    assertRefused(new Destination("/f", "", true, false), file("x", ""), "must be a directory");
    assertRefused(new Destination("/no/", "x", false, false), file("x", ""), "no such directory");
    assertRefused(new Destination("/no/x", "x", false, false), file("x", ""), "Could not find");
    assertRefused(new Destination("/", "", true, false), file("d", ""), "cannot overwrite direc");
    assertRefused(new Destination("/", "", true, false), file("f/x", ""), "");
    assertRefused(new Destination("/d", "", true, false), file("../x", ""), "leads out");
  }

  @Test
  void aClientThatSendsNothingHoldsNobodyUp() throws Exception {
    String id = host.create(host.spec("box").sh("exec sleep 1000"));
    byte[] archive = file("x", "late");
    PipedOutputStream client = new PipedOutputStream();
    PipedInputStream received = new PipedInputStream(client, archive.length);
    client.write(archive, 0, 100);
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try {
                Destination root = new Destination("/", "x", false, false);
                host.engine().contents().write("box", root, received);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    EngineFixture.await("what came to be taken", () -> isEmpty(received));
    host.containers().start("box");
    host.containers().pause("box");
    host.containers().unpause("box");
    client.write(archive, 100, archive.length - 100);
    client.close();
    written.get(60, TimeUnit.SECONDS);
    assertThat(host.exec("box", "cat /x")).isEqualTo("late");
    try (var files = Files.list(host.container(id))) {
      assertThat(files.filter(f -> f.toString().contains("received"))).isEmpty();
    }
  }

  private static boolean isEmpty(PipedInputStream stream) {
    try {
      return stream.available() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void writesIntoAStoppedContainerAndItsVolumes() throws Exception {
    TestSpec spec = host.spec("box").sh("cat /plain /v/kept /ro/never");
    spec.mounts.add(new MountSpec.Volume("data", "/v", false, false, ""));
    spec.mounts.add(new MountSpec.Volume("other", "/ro", true, false, ""));
    String id = host.create(spec);
    write(new Destination("/plain", "x", false, false), file("x", "layer "));
    write(new Destination("/v/kept", "x", false, false), file("x", "volume "));
    assertRefused(new Destination("/ro/", "x", false, false), file("x", ""), "read-only");
    assertThat(read("/v", false)).containsEntry("v/kept", "volume ");
    host.containers().start("box");
    host.containers().await("box");
    assertThat(host.log("box")).contains("layer volume ");
    assertThat(read("/plain", false)).containsExactly(Map.entry("plain", "layer "));
    assertThat(host.container(id).resolve("upper/v/kept")).doesNotExist();
  }

  /** What is copied of it is what its program reads, as long as there is a source. */
  @Test
  void showsWhatIsMountedInAContainerThatDoesNotRun() throws Exception {
    Path source = Files.writeString(host.root.resolve("given"), "of the host");
    Path gone = Files.writeString(host.root.resolve("gone"), "for a while");
    TestSpec spec =
        host.spec("box").sh("echo in memory >/m/file; cat /run/secrets/s; exec sleep 9");
    spec.files.add(new FileSpec("s", "/run/secrets/s", source, null, -1, -1, -1, true));
    spec.files.add(new FileSpec("c", "/etc/copied", source, null, 5, 6, 0440, false));
    spec.files.add(new FileSpec("i", "/etc/inline", null, "inline", -1, -1, -1, false));
    spec.files.add(new FileSpec("g", "/etc/gone", gone, null, -1, -1, -1, false));
    spec.mounts.add(new MountSpec.Tmpfs("/m", ""));
    host.create(spec);
    assertShown("before its first start");
    host.containers().start("box");
    assertShown("while it runs");
    EngineFixture.await("its file", () -> host.exec("box", "cat /m/file").contains("in memory"));
    host.containers().stop("box", Duration.ZERO, false);
    assertShown("after its end");
    for (String name : List.of("hosts", "hostname", "resolv.conf")) {
      assertThat(read("/etc/" + name, false).get(name)).as(name).isNotBlank();
    }
    assertThat(read("/m", false)).as("memory is gone").containsOnlyKeys("m/");
    assertThat(read("/etc/gone", false)).containsEntry("gone", "for a while");
    Files.delete(gone);
    assertThatThrownBy(() -> read("/etc/gone", false))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("Could not find the file /etc/gone");
    assertThat(host.config.givenFiles()).isEmptyDirectory();
  }

  private static void assertShown(String when) throws IOException {
    assertThat(read("/run/secrets", false)).as(when).containsEntry("secrets/s", "of the host");
    assertThat(read("/etc/copied", false)).as(when).containsEntry("copied", "of the host");
    assertThat(read("/etc/inline", false)).as(when).containsEntry("inline", "inline");
    for (String mounted : List.of("/run/secrets/s", "/etc/copied", "/etc/inline")) { // as Docker
      assertRefused(new Destination(mounted, "x", false, false), file("x", "new"), "it is mounted");
    }
    assertThat(read("/etc/inline", false)).as(when).containsEntry("inline", "inline");
    assertThat(host.root.resolve("given")).hasContent("of the host");
  }

  @Test
  void neverLeavesTheContainerWhateverItDoesToItsLinks(@TempDir Path outside) throws Exception {
    Files.writeString(outside.resolve("secret"), "the host's");
    String trap =
        "mkdir /a; echo mine >/a/secret; "
            + "while :; do rm -rf /t; ln -s %s /t; rm -f /t; cp -r /a /t; done".formatted(outside);
    host.start(host.spec("box").sh("ln -s / /up; ln -s %s /fixed; %s".formatted(outside, trap)));
    EngineFixture.await("the trap", () -> host.exec("box", "ls /").contains("up"));
    for (String path : List.of("/fixed/secret", "/up/../../..%s/secret".formatted(outside))) {
      assertThatThrownBy(() -> read(path, true)).isInstanceOf(JcomposeException.NotFound.class);
    }
    for (int i = 0; i < 300; i++) {
      try {
        assertThat(read("/t", true)).doesNotContainValue("the host's");
        assertThat(read("/t/secret", true)).doesNotContainValue("the host's");
        write(new Destination("/t", "", true, false), file("left", "evil"));
        write(new Destination("/t/left", "x", false, false), file("x", "evil"));
      } catch (RuntimeException e) {
        continue; // it was something else at that moment
      }
    }
    assertThat(outside.resolve("left")).doesNotExist();
    try (var files = Files.list(outside)) {
      assertThat(files).containsExactly(outside.resolve("secret"));
    }
  }

  @Test
  void tellsWhatAContainerChanged() throws Exception {
    host.run(
        host.spec("box")
            .sh("mkdir /n; echo 1 >/n/f; rm /bin/busybox; touch /tmp/t; echo x >>/etc/passwd"));
    assertThat(contents().changes("box"))
        .contains(
            new Change(Change.Kind.ADDED, "/n"),
            new Change(Change.Kind.ADDED, "/n/f"),
            new Change(Change.Kind.DELETED, "/bin/busybox"),
            new Change(Change.Kind.MODIFIED, "/bin"))
        .noneMatch(c -> c.path().startsWith("/proc") || c.path().equals("/etc/hosts"));
  }

  @Test
  void exportsTheWholeFileSystemWithoutVolumes() throws Exception {
    TestSpec spec = host.spec("box").sh("echo 1 >/n; echo 2 >/v/in; exec sleep 1000");
    spec.mounts.add(new MountSpec.Volume("", "/v", false, false, ""));
    host.start(spec);
    EngineFixture.await("its files", () -> host.exec("box", "cat /v/in").contains("2"));
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    contents().export("box", tar);
    assertThat(entries(tar.toByteArray()))
        .containsEntry("n", "1\n")
        .containsKey("bin/busybox")
        .containsKey("v/")
        .doesNotContainKey("v/in");
  }

  @Test
  void isNotOverrunByTreesDeeperOrWiderThanItCanHold() throws Exception {
    host.start(host.spec("box").sh("exec sleep 1000"));
    host.exec("box", "mkdir /w; cd /w; for a in $(seq 3000); do >file-$a; done");

    assertThat(contents().changes("box")).hasSizeGreaterThan(3000);
    assertThat(read("/w", false)).hasSize(3001);

    host.exec("box", "for a in $(seq 1000); do mkdir d; cd d; done");
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> contents().changes("box"),
            () -> read("/d", false),
            () -> contents().export("box", new ByteArrayOutputStream()))) {
      assertThatThrownBy(call)
          .isInstanceOf(JcomposeException.NotSupported.class)
          .hasMessageContaining("more than 120 directories deep");
    }
  }

  private static Contents contents() {
    return host.engine().contents();
  }

  private static Map<String, String> read(String path, boolean follow) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try (Archive archive = contents().open("box", path, follow)) {
      archive.writeTo(tar);
    }
    return entries(tar.toByteArray());
  }

  private static Map<String, String> entries(byte[] tar) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        String link = e.isLink() || e.isSymbolicLink() ? "-> " + e.getLinkName() : "";
        String text =
            e.getSize() > 1 << 16 ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        found.put(e.getName(), link + text);
      }
    }
    return found;
  }

  private static void write(Destination destination, byte[] tar) throws IOException {
    contents().write("box", destination, new ByteArrayInputStream(tar));
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    return packed.toByteArray();
  }

  private static void assertRefused(Destination destination, byte[] tar, String why) {
    assertThatThrownBy(() -> write(destination, tar)).hasMessageContaining(why);
  }

  private static byte[] file(String name, String content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<String> directories = new ArrayList<>();
    int slash = name.startsWith("..") ? -1 : name.indexOf('/');
    if (slash > 0) {
      directories.add(name.substring(0, slash + 1));
    }
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      for (String directory : directories) {
        out.putArchiveEntry(new TarArchiveEntry(directory));
        out.closeArchiveEntry();
      }
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setMode(0640);
      entry.setUserId(7);
      entry.setSize(content.length());
      out.putArchiveEntry(entry);
      out.write(content.getBytes(StandardCharsets.UTF_8));
      out.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
