package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile images and hostile or absurd compose files, beside a project that must notice nothing of
 * them. Each command ends, and what it could not do leaves nothing that holds the next one up.
 */
@Timeout(300)
class UnderAttackIT {
  @TempDir static Path root;
  private static Stage stage;
  private static HostileRegistry registry;
  private static Witness witness;
  private static int count;
  private Path folder;

  @BeforeAll
  static void open() throws Exception {
    stage = new Stage(root);
    registry = new HostileRegistry();
    witness = new Witness(stage, root);
  }

  @BeforeEach
  void newProject() throws IOException {
    folder = Files.createDirectory(root.resolve("attack" + ++count));
  }

  @AfterEach
  void nobodyNoticed() throws Exception {
    if (Files.exists(folder.resolve("compose.yaml"))) {
      stage.jcompose(folder, "down", "-v", "-t", "1");
      assertThat(stage.ok(Path.of("/"), "-p", folder.getFileName().toString(), "ps", "-aq").out())
          .isEmpty();
    }
    witness.noticedNothing();
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    registry.close();
    witness.close();
    stage.close();
  }

  private void project(String text) throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), text);
  }

  private void projectOf(String image) throws IOException {
    project("services: {a: {image: \"%s\", command: [sleep, \"1000\"]}}\n".formatted(image));
  }

  private Commands.Result refuses(String... command) throws Exception {
    Commands.Result result = stage.jcompose(folder, command);
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    assertThat(result.err()).doesNotContain("lost the engine").doesNotContain("internal error");
    return result;
  }

  // --- images ------------------------------------------------------------------------------------

  @Test
  void aLayerWhoseHeadersAreTooLargeInSum() throws Exception {
    byte[] header = paxHeader("comment", 1 << 20);
    String image =
        registry.image(
            "pax",
            "",
            tar -> {
              for (int i = 0; i < 100; i++) {
                rawEntry(tar, TarConstants.LF_PAX_EXTENDED_HEADER_LC, header);
              }
              HostileRegistry.entry(tar, new TarArchiveEntry("dir/"));
            });
    projectOf(image);
    refuses("up", "-d");
  }

  @Test
  void aLayerWithLargeAttributesOfManyDirectories() throws Exception {
    String image =
        registry.image(
            "attributes",
            "",
            tar -> {
              for (int i = 0; i < 1200; i++) {
                rawEntry(
                    tar,
                    TarConstants.LF_PAX_EXTENDED_HEADER_LC,
                    paxHeader("SCHILY.xattr.user.large", 60_000));
                HostileRegistry.entry(tar, new TarArchiveEntry("dir" + i + "/"));
              }
            });
    projectOf(image);
    stage.jcompose(folder, "up", "-d"); // what the host's file system takes decides
  }

  @Test
  void documentsOfMillionsOfParts() throws Exception {
    String parts = "[],".repeat(1_300_000);
    byte[] manifest =
        ("{\"schemaVersion\":2,\"x\":[" + parts + "[]]}").getBytes(StandardCharsets.UTF_8);
    projectOf(registry.manifest("manifest", manifest));
    refuses("up", "-d");
    byte[] config = ("{\"x\":[" + parts + "[]]}").getBytes(StandardCharsets.UTF_8);
    projectOf(registry.image("config", config, List.of()));
    refuses("up", "-d");
  }

  @Test
  void aManifestThatIsALayerOfSeventyMegabytes() throws Exception {
    byte[] layer = new byte[70 << 20];
    String digest = registry.blob("large", layer);
    registry.manifest("large", layer);
    projectOf(registry.reference("large").replace(":1", "@" + digest));
    refuses("up", "-d");
  }

  @Test
  void devicesPipesAndEndlessFilesInVolumes() throws Exception {
    String image =
        registry.image(
            "nodes",
            "\"Volumes\":{\"/d\":{}},\"User\":\"65534\"",
            tar -> {
              HostileRegistry.entry(tar, new TarArchiveEntry("d/"));
              node(tar, "d/disk", TarConstants.LF_BLK, 7, 0);
              node(tar, "d/zero", TarConstants.LF_CHR, 1, 5);
              node(tar, "d/pipe", TarConstants.LF_FIFO, 0, 0);
            });
    project(
        """
        services:
          a:
            image: "%s"
            command: sh -c "stat -c '%%n %%F' /d/*; head -c 1 /d/disk"
          b:
            image: "%s"
            command: [sleep, "1000"]
            volumes: [v:/d]
        volumes: {v: }
        """
            .formatted(image, image));
    Commands.Result seen = stage.jcompose(folder, "run", "--rm", "-T", "a");
    assertThat(seen.out())
        .isEqualTo("/d/disk block special file\n/d/pipe fifo\n/d/zero character special file\n");
    assertThat(seen.err()).contains("head: /d/disk: Operation not permitted");
    stage.ok(folder, "up", "-d", "b");
    stage.shell(folder, "timeout 60 $J cp b:/d ./copy");
    stage.shell(folder, "timeout 60 $J export b >/dev/null; timeout 60 $J diff b >/dev/null");
    stage.shell(folder, "timeout 60 $J commit b committed >/dev/null");
  }

  @Test
  void aLayerThatStandsTwiceStarts() throws Exception {
    HostileRegistry.Entries nothing = tar -> {};
    HostileRegistry.Entries file =
        tar -> HostileRegistry.entry(tar, new TarArchiveEntry("from-the-layer/"));
    String image = registry.image("twice", "", nothing, file, nothing, file, nothing);
    project("services: {a: {image: \"%s\", command: ls /}}\n".formatted(image));
    assertThat(stage.ok(folder, "run", "--rm", "-T", "a").out()).contains("from-the-layer");
  }

  // --- compose files -----------------------------------------------------------------------------

  @Test
  void numbersWithoutABound() throws Exception {
    project("services: {a: {image: busybox, command: sleep 9, deploy: {replicas: 100000000}}}\n");
    refuses("up", "-d");
    project("services: {a: {image: busybox, command: sleep 9}}\n");
    refuses("up", "-d", "--scale", "a=100000000");
    refuses("scale", "a=100000000");
  }

  @Test
  void aChainOfThousandsOfDependencies() throws Exception {
    StringBuilder text = new StringBuilder("services:\n  s0: {image: busybox, command: 'true'}\n");
    for (int i = 1; i < 5000; i++) {
      text.append(
          "  s%d: {image: busybox, command: 'true', depends_on: [s%d]}\n".formatted(i, i - 1));
    }
    project(text.toString());
    stage.ok(folder, "config", "-q");
    Files.delete(folder.resolve("compose.yaml"));
  }

  @Test
  void filesForContainersThatAreNoFilesOrHuge() throws Exception {
    Path huge = folder.resolve("huge");
    try (var file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(70 << 20);
    }
    stage.shell(folder, "mkfifo pipe; ln -s /dev/zero zero");
    for (String given : List.of("huge", "pipe", "zero", "/dev/zero", ".")) {
      project(
          """
          services:
            a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, configs: [{source: c, uid: "5", mode: 0400}]}
          configs: {c: {file: "%s"}}
          """
              .formatted(given));
      Commands.Result result = stage.jcompose(folder, "up", "-d");
      assertThat(result.exitCode() == 0).as(given + " " + result).isEqualTo(given.equals("huge"));
      assertThat(result.err()).doesNotContain("lost the engine").doesNotContain("internal error");
      stage.ok(folder, "down");
    }
  }

  // --- processes ---------------------------------------------------------------------------------

  /** 170 MB of command lines in one container. */
  @Test
  void commandLinesThatAreLargerThanTheEngine() throws Exception {
    project(
        """
        services:
          a:
            image: busybox
            stop_signal: SIGKILL
            command:
              - sh
              - -c
              - |
                x=$$(head -c 120000 /dev/zero | tr '\\0' x)
                for i in $$(seq 120); do
                  sh -c 'sleep 1000; true' $$x $$x $$x $$x $$x $$x $$x $$x $$x $$x $$x $$x &
                done
                touch /ready
                wait
            healthcheck: {test: test -e /ready, interval: 1s, retries: 60}
        """);
    stage.ok(folder, "up", "-d", "--wait");
    assertThat(stage.ok(folder, "top").out().lines()).hasSizeGreaterThan(120);
  }

  // --- logs --------------------------------------------------------------------------------------

  @Test
  void theLastOfVeryManyLines() throws Exception {
    project(
        """
        services:
          a: {image: busybox, command: seq 1 900000, logging: {driver: json-file, options: {max-size: "-1"}}}
        """);
    stage.ok(folder, "up", "-d");
    stage.jcompose(folder, "wait", "a");
    assertThat(stage.shell(folder, "$J logs --no-log-prefix --tail 300000 a | sed -n '1p;$p'"))
        .isEqualTo("600001\n900000\n");
  }

  // --- what layers are made of
  // ---------------------------------------------------------------------

  private static byte[] paxHeader(String key, int valueBytes) {
    String record = key + "=" + "x".repeat(valueBytes) + "\n";
    int length = record.length() + 1;
    length += String.valueOf(length + 7).length();
    String whole = length + " " + record;
    assertThat(whole).hasSize(length);
    return whole.getBytes(StandardCharsets.US_ASCII);
  }

  private static void rawEntry(TarArchiveOutputStream tar, byte type, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry("header", type);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static void node(TarArchiveOutputStream tar, String name, byte type, int major, int minor)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setDevMajor(major);
    entry.setDevMinor(minor);
    entry.setMode(0666);
    HostileRegistry.entry(tar, entry);
  }
}
