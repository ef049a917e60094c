package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerUnpackerIT {
  @TempDir Path temp;
  private Path root;
  private Path outside;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

  @BeforeEach
  void prepare() throws IOException {
    root = Files.createDirectory(temp.resolve("root"));
    outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("passwd"), "safe");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  @AfterEach
  void nothingOutsideWasTouched() throws IOException {
    assertThat(Files.readString(outside.resolve("passwd"))).isEqualTo("safe");
    try (var files = Files.list(outside)) {
      assertThat(files).containsExactly(outside.resolve("passwd"));
    }
    try (var files = Files.list(temp)) {
      assertThat(files).containsExactlyInAnyOrder(root, outside);
    }
  }

  @Test
  void keepsOwnersModesTimesLinksAndDevices() throws Exception {
    entry("d/", '5', "", e -> mode(e, 01777, 5, 6));
    entry("d/suid", '0', "hello", e -> mode(e, 04755, 7, 8));
    entry(
        "d/hard",
        '1',
        "",
        e -> {
          mode(e, 04755, 7, 8);
          e.setLinkName("d/suid");
        });
    entry("d/soft", '2', "", e -> e.setLinkName("/etc/x"));
    entry(
        "d/null",
        '3',
        "",
        e -> {
          mode(e, 0666, 0, 0);
          e.setDevMajor(1);
          e.setDevMinor(3);
        });
    entry("d/fifo", '6', "", e -> mode(e, 0600, 0, 0));
    entry("x".repeat(120) + "/" + "y".repeat(120), '0', "long", e -> {});
    LayerUnpacker.Result result = unpack();
    assertThat(result.sizeBytes()).isEqualTo(9);
    assertThat(result.needsFitting()).isTrue();
    assertThat(stat("d")).isEqualTo("1777 5:6 1000000000 directory");
    assertThat(stat("d/suid")).isEqualTo("4755 7:8 1000000000 regular file");
    assertThat(Files.getAttribute(root.resolve("d/hard"), "unix:ino"))
        .isEqualTo(Files.getAttribute(root.resolve("d/suid"), "unix:ino"));
    assertThat(Files.readSymbolicLink(root.resolve("d/soft"))).isEqualTo(Path.of("/etc/x"));
    assertThat(stat("d/null")).startsWith("666 0:0").endsWith("character special file");
    assertThat(stat("d/fifo")).endsWith("fifo");
  }

  @Test
  void turnsWhiteoutsIntoOverlaysOwn() throws Exception {
    entry("a/", '5', "", e -> {});
    entry("a/.wh.gone", '0', "", e -> {});
    entry("a/kept", '0', "new", e -> {});
    entry("a/.wh.kept", '0', "", e -> {});
    entry("b/", '5', "", e -> {});
    entry("b/.wh..wh..opq", '0', "", e -> {});
    entry(".wh.c", '0', "", e -> {});
    entry("c/", '5', "", e -> {});
    unpack();
    assertThat(stat("a/gone")).endsWith("character special file");
    assertThat(Files.readString(root.resolve("a/kept"))).isEqualTo("new");
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      assertThat(fd.xattrs("b".getBytes(StandardCharsets.UTF_8)))
          .containsKey("trusted.overlay.opaque");
      assertThat(fd.xattrs("c".getBytes(StandardCharsets.UTF_8)))
          .containsKey("trusted.overlay.opaque");
      assertThat(fd.xattrs("a".getBytes(StandardCharsets.UTF_8))).isEmpty();
    }
  }

  @Test
  void setsExtendedAttributesButNotOverlays() throws Exception {
    Map<String, String> headers =
        Map.of("SCHILY.xattr.user.a", "1", "SCHILY.xattr.trusted.overlay.redirect", "/etc");
    entry("f", '0', "x", e -> headers.forEach((k, v) -> addPax(e, k, v)));
    unpack();
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      assertThat(fd.xattrs("f".getBytes(StandardCharsets.UTF_8))).containsOnlyKeys("user.a");
    }
  }

  @Test
  void staysInsideThroughLinks() throws Exception {
    entry("abs", '2', "", e -> e.setLinkName(outside.toString()));
    entry("abs/passwd", '0', "evil", e -> {});
    entry("rel", '2', "", e -> e.setLinkName("../outside"));
    entry("rel/passwd", '0', "evil", e -> {});
    entry("file", '2', "", e -> e.setLinkName(outside + "/passwd"));
    entry("file", '0', "evil", e -> {});
    entry("up", '2', "", e -> e.setLinkName("../../../../../../.."));
    entry("up/tmp/x", '0', "evil", e -> {});
    entry("rootlike/", '5', "", e -> {});
    unpack();
    assertThat(Files.readString(root.resolve("file"))).isEqualTo("evil");
    assertThat(Files.exists(root.resolve("tmp/x"))).isTrue();
    assertThat(Files.exists(root.resolve("outside/passwd"))).isTrue();
  }

  @Test
  void refusesWhatWouldEscape() throws Exception {
    for (String name :
        List.of("../outside/evil", "a/../../outside/evil", ".wh...", "d/.wh..", ".wh.")) {
      assertThatThrownBy(() -> unpackOne(name, '0', ""))
          .as(name)
          .isInstanceOf(JcomposeException.Corrupt.class);
    }
    assertThatThrownBy(() -> unpackOne("hard", '1', "../outside/passwd"))
        .isInstanceOf(JcomposeException.Corrupt.class);
    for (String target : List.of(outside + "/passwd", "missing")) {
      unpackOne("hard", '1', target);
      assertThatThrownBy(() -> LayerFitting.fit(root, List.of()))
          .as(target)
          .isInstanceOf(JcomposeException.Corrupt.class)
          .hasMessageContaining("hard");
    }
  }

  @Test
  void replacesWhatComesTwice() throws Exception {
    entry("d/", '5', "", e -> {});
    entry("d/in/deep", '0', "1", e -> {});
    entry("d", '0', "now a file", e -> {});
    entry("e", '0', "a file", e -> {});
    entry("e/", '5', "", e -> {});
    entry("e/x", '0', "in a directory", e -> {});
    entry("loop", '2', "", e -> e.setLinkName("loop"));
    unpack();
    assertThat(Files.readString(root.resolve("d"))).isEqualTo("now a file");
    assertThat(Files.readString(root.resolve("e/x"))).isEqualTo("in a directory");
  }

  @Test
  void keepsTheLastAttributesOfDirectoriesThatComeGoAndComeAgain() throws Exception {
    entry("a/", '5', "", e -> mode(e, 0700, 1, 1));
    entry("a/f", '0', "x", e -> {});
    entry("a/", '5', "", e -> mode(e, 0711, 2, 2));
    entry("b/x", '0', "x", e -> {});
    entry("b/", '5', "", e -> mode(e, 02770, 3, 3));
    entry("b/root", '0', "x", e -> {});
    entry("c/", '5', "", e -> mode(e, 0700, 4, 4));
    entry("c", '0', "a file", e -> {});
    entry("d/", '5', "", e -> mode(e, 0700, 4, 4));
    entry("d", '0', "a file", e -> {});
    entry("d", '2', "", e -> e.setLinkName("b"));
    for (int i = 0; i < 6000; i++) {
      int number = i;
      entry("many/" + "x".repeat(60) + i + "/", '5', "", e -> mode(e, 0751, number, 5));
    }
    assertThat(unpack().needsFitting()).isTrue();
    assertThat(stat("a")).isEqualTo("711 2:2 1000000000 directory");
    assertThat(stat("b")).isEqualTo("2770 3:3 1000000000 directory");
    assertThat(Files.getAttribute(root.resolve("b/root"), "unix:gid")).isEqualTo(0);
    assertThat(stat("c")).contains("regular file");
    assertThat(stat("many/" + "x".repeat(60) + 17)).isEqualTo("751 17:5 1000000000 directory");
    assertThat(stat("many/" + "x".repeat(60) + 5999)).startsWith("751 5999:5 1000000000");
    LayerFitting.fit(root, List.of());
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      assertThat(fd.xattrs("many".getBytes(StandardCharsets.UTF_8))).isEmpty();
    }
  }

  @Test
  void takesNamesThatAreNoUtf8() throws Exception {
    byte[] header = plainHeader(new byte[] {'b', (byte) 0xff, (byte) 0xfe, '\n'});
    bytes.write(header);
    bytes.write(new byte[1024]);
    unpack();
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      assertThat(fd.list()).containsExactly(new byte[] {'b', (byte) 0xff, (byte) 0xfe, '\n'});
      TreeRemoval.removeContents(fd);
      assertThat(fd.list()).isEmpty();
    }
  }

  @Test
  void refusesAnArchiveThatIsCut() throws Exception {
    entry("f", '0', "x".repeat(3000), e -> {});
    tar.close();
    byte[] whole = bytes.toByteArray();
    for (int length : new int[] {100, 600, 2000}) {
      byte[] cut = Arrays.copyOf(whole, length);
      try (DirectoryFd fd = DirectoryFd.open(root)) {
        assertThatThrownBy(() -> LayerUnpacker.unpack(new ByteArrayInputStream(cut), fd, 1))
            .isInstanceOf(JcomposeException.Corrupt.class);
        TreeRemoval.removeContents(fd);
      }
    }
  }

  private interface Change {
    void apply(TarArchiveEntry entry);
  }

  private static void mode(TarArchiveEntry entry, int mode, int uid, int gid) {
    entry.setMode(mode);
    entry.setIds(uid, gid);
  }

  private static void addPax(TarArchiveEntry entry, String key, String value) {
    entry.addPaxHeader(key, value);
  }

  private void entry(String name, char type, String text, Change change) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, (byte) type, true);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    entry.setSize(content.length);
    entry.setMode(type == '5' ? 0755 : 0644);
    entry.setModTime(1_000_000_000_000L);
    change.apply(entry);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private void unpackOne(String name, char type, String link) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream one = new TarArchiveOutputStream(out);
        DirectoryFd fd = DirectoryFd.open(root)) {
      TarArchiveEntry entry = new TarArchiveEntry(name, (byte) type, true);
      entry.setLinkName(link);
      one.putArchiveEntry(entry);
      one.closeArchiveEntry();
      one.finish();
      LayerUnpacker.unpack(new ByteArrayInputStream(out.toByteArray()), fd, 1);
    }
  }

  @Test
  void goesNoDeeperByLinksThanByNames() throws Exception {
    entry("x/".repeat(110), '5', "", e -> {});
    entry("l", '2', "", e -> e.setLinkName("x/".repeat(110)));
    entry("l/" + "y/".repeat(20), '5', "", e -> {});
    assertThatThrownBy(this::unpack)
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("directory of 121 levels");
  }

  private LayerUnpacker.Result unpack() throws IOException {
    tar.close();
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      return LayerUnpacker.unpack(new ByteArrayInputStream(bytes.toByteArray()), fd, 1);
    }
  }

  private String stat(String path) throws Exception {
    assertThat(Files.exists(root.resolve(path), LinkOption.NOFOLLOW_LINKS)).as(path).isTrue();
    Process process =
        new ProcessBuilder("stat", "-c", "%a %u:%g %Y %F", root.resolve(path).toString()).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private static byte[] plainHeader(byte[] name) {
    byte[] header = new byte[512];
    System.arraycopy(name, 0, header, 0, name.length);
    byte[] numbers =
        "0000644\0000000000\0000000000\00000000000000\00000000000000\0"
            .getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(numbers, 0, header, 100, numbers.length);
    header[156] = '0';
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xff;
    }
    byte[] check = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(check, 0, header, 148, 8);
    return header;
  }
}
