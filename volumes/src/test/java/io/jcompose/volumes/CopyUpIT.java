package io.jcompose.volumes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CopyUpIT {
  @TempDir Path root;
  private Path top;
  private Path bottom;
  private VolumeStore store;
  private Path data;

  @BeforeEach
  void makeLayers() throws Exception {
    bottom = Files.createDirectories(root.resolve("bottom"));
    top = Files.createDirectories(root.resolve("top"));
    Files.createDirectories(bottom.resolve("run/db/sub"));
    Files.writeString(bottom.resolve("run/db/sub/one"), "1");
    Files.createSymbolicLink(bottom.resolve("run/db/link"), Path.of("/etc/shadow"));
    Files.createDirectories(top.resolve("run/db"));
    Files.writeString(top.resolve("run/db/two"), "2");
    Files.setAttribute(top.resolve("run/db"), "unix:uid", 999);
    Files.setPosixFilePermissions(
        top.resolve("run/db"), PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(top.resolve("var"));
    Files.createSymbolicLink(top.resolve("var/run"), Path.of("/run"));
    store = open();
    data = store.create(new VolumeSpec("v", "", Map.of(), Map.of())).mountpoint();
  }

  private VolumeStore open() {
    return VolumeStore.open(root.resolve("volumes"), name -> List.of(), event -> {});
  }

  private void fill() {
    store.fill("v", List.of(top, bottom), "/run/db");
  }

  private Path volume(String name) {
    return root.resolve("volumes/v").resolve(name);
  }

  private void nothingIsLeftBesideTheData() throws IOException {
    try (var entries = Files.list(volume(""))) {
      assertThat(entries.map(e -> e.getFileName().toString()))
          .containsExactlyInAnyOrder("_data", "volume.json");
    }
  }

  @Test
  void copiesTheUnionWithOwnersAndModesAndKeepsLinksAsLinks() throws Exception {
    Files.setLastModifiedTime(top.resolve("run/db"), FileTime.fromMillis(1_000_000_000_123L));
    store.fill("v", List.of(top, bottom), "/var/run/db");
    assertThat(data.resolve("sub/one")).hasContent("1");
    assertThat(data.resolve("two")).hasContent("2");
    assertThat(Files.readSymbolicLink(data.resolve("link"))).isEqualTo(Path.of("/etc/shadow"));
    assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo(999);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    assertThat(Files.getLastModifiedTime(data).toMillis()).isEqualTo(1_000_000_000_123L);
    nothingIsLeftBesideTheData();
  }

  @Test
  void copiesOnceOnly() throws Exception {
    fill();
    Files.delete(data.resolve("two"));
    fill();
    assertThat(data.resolve("two")).doesNotExist();
  }

  @Test
  void aCopyThatACrashBrokeOffIsMadeAgain() throws Exception {
    Files.createDirectories(volume("_data.filling/tree"));
    Files.writeString(volume("_data.filling/tree/half"), "");
    fill();
    assertThat(data.resolve("half")).doesNotExist();
    assertThat(data.resolve("two")).hasContent("2");
    nothingIsLeftBesideTheData();
  }

  @Test
  void aWholeCopyThatACrashLeftIsMovedInAtTheNextStart() throws Exception {
    Files.createDirectories(volume("_data.filled/sub"));
    Files.writeString(volume("_data.filled/sub/file"), "copied");
    Files.writeString(volume("_data.filled/both"), "the image's");
    Files.writeString(data.resolve("both"), "the container's");
    open();
    assertThat(data.resolve("sub/file")).hasContent("copied");
    assertThat(data.resolve("both")).hasContent("the container's");
    nothingIsLeftBesideTheData();
  }

  @Test
  void noMarkOfAnEarlierFailureCostsWhatTheContainerWrote() throws Exception {
    Files.writeString(volume("filling"), ""); // of versions that copied in place
    Files.createDirectories(volume("_data.filling/tree"));
    Files.writeString(data.resolve("precious"), "x");
    store.fill("v", List.of(bottom), "/nowhere");
    fill();
    assertThat(data.resolve("precious")).hasContent("x");
    assertThat(data.resolve("two")).doesNotExist();
    nothingIsLeftBesideTheData();
  }

  @Test
  void aMissingSourceLeavesTheVolumeEmpty() {
    store.fill("v", List.of(bottom), "/nowhere");
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void aFullDiskLeavesTheVolumeAsItWasAndWhatIsWrittenLaterStays() throws Exception {
    Path small = Files.createDirectories(root.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString());
    try {
      VolumeStore full = VolumeStore.open(small.resolve("volumes"), name -> List.of(), event -> {});
      Path place = full.create(new VolumeSpec("v", "", Map.of(), Map.of())).mountpoint();
      Files.write(top.resolve("run/db/large"), new byte[4 << 20]);
      assertThatThrownBy(() -> full.fill("v", List.of(top, bottom), "/run/db"))
          .isInstanceOf(JcomposeException.Unavailable.class)
          .hasMessageContaining("no space left on device");
      assertThat(place).isEmptyDirectory();
      full.fill("v", List.of(bottom), "/nowhere"); // an application without content there
      Files.writeString(place.resolve("db"), "precious");
      for (int start = 0; start < 2; start++) {
        VolumeStore next =
            VolumeStore.open(small.resolve("volumes"), name -> List.of(), event -> {});
        next.fill("v", List.of(bottom), "/nowhere");
        next.fill("v", List.of(top, bottom), "/run/db");
      }
      assertThat(place.resolve("db")).hasContent("precious");
      assertThat(place.resolve("large")).doesNotExist();
    } finally {
      run("umount", small.toString());
    }
  }

  @Test
  void opensNothingButRegularFiles() throws Exception {
    Path db = top.resolve("run/db");
    run("mkfifo", db.resolve("fifo").toString());
    run("mknod", "-m", "644", db.resolve("disk").toString(), "b", "7", "0");
    run("mknod", "-m", "666", db.resolve("zero").toString(), "c", "1", "5");
    Files.setAttribute(db.resolve("fifo"), "unix:uid", 33);
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(db.resolve("socket")));
      for (List<Path> layers : List.of(List.of(top, bottom), List.of(top))) {
        VolumeStore fresh =
            VolumeStore.open(root.resolve("fresh" + layers.size()), n -> List.of(), event -> {});
        Path to = fresh.create(new VolumeSpec("v", "", Map.of(), Map.of())).mountpoint();
        fresh.fill("v", layers, "/run/db");
        assertThat(stat(to.resolve("fifo"))).isEqualTo("fifo 644 33 0:0");
        assertThat(stat(to.resolve("disk"))).isEqualTo("block special file 644 0 7:0");
        assertThat(stat(to.resolve("zero"))).isEqualTo("character special file 666 0 1:5");
        assertThat(to.resolve("socket")).doesNotExist();
      }
    }
  }

  @Test
  void keepsHardLinksHolesAttributesAndSetuid() throws Exception {
    Path db = top.resolve("run/db");
    Path tool = Files.writeString(db.resolve("tool"), "#!/bin/sh\n");
    Files.createLink(Files.createDirectory(db.resolve("deep")).resolve("again"), tool);
    Files.createLink(db.resolve("third"), tool);
    Files.setAttribute(tool, "unix:gid", 42);
    Files.setAttribute(tool, "unix:mode", 06755);
    try (RandomAccessFile sparse = new RandomAccessFile(db.resolve("sparse").toFile(), "rw")) {
      sparse.seek(200L << 20);
      sparse.write('x');
      sparse.setLength(400L << 20);
    }
    setAttribute(db.resolve("deep"), "user.kind", "directory".getBytes(UTF_8));
    setAttribute(tool, "user.kind", "file".getBytes(UTF_8));
    setAttribute(tool, "trusted.note", "root's".getBytes(UTF_8));
    setAttribute(db.resolve("two"), "system.posix_acl_access", ACL);
    setAttribute(db.resolve("deep"), "system.posix_acl_default", ACL);
    fill();
    assertThat(Files.getAttribute(data.resolve("tool"), "unix:nlink")).isEqualTo(3);
    assertThat(Files.isSameFile(data.resolve("tool"), data.resolve("deep/again"))).isTrue();
    assertThat(Files.isSameFile(data.resolve("tool"), data.resolve("third"))).isTrue();
    assertThat((int) Files.getAttribute(data.resolve("tool"), "unix:mode") & 07777)
        .isEqualTo(06755);
    assertThat(Files.getAttribute(data.resolve("tool"), "unix:gid")).isEqualTo(42);
    assertThat(run("stat", "-c", "%s", data.resolve("sparse").toString()).strip())
        .isEqualTo("" + (400L << 20));
    assertThat(Long.parseLong(run("stat", "-c", "%b", data.resolve("sparse").toString()).strip()))
        .as("blocks of 512 bytes")
        .isLessThan(1000);
    for (String file : List.of("deep", "tool", "two")) {
      assertThat(attributes(data.resolve(file)))
          .usingRecursiveComparison()
          .isEqualTo(attributes(db.resolve(file)));
    }
    assertThat(attributes(data.resolve("tool"))).containsKeys("user.kind", "trusted.note");
    assertThat(attributes(data.resolve("deep"))).containsKey("system.posix_acl_default");
    assertThat(attributes(data.resolve("two"))).containsKey("system.posix_acl_access");
  }

  /** user::rw- user:1000:r-- group::r-- mask::r-- other::---, as the kernel keeps it. */
  private static final byte[] ACL =
      HexFormat.of()
          .parseHex(
              "0200000001000600ffffffff02000400e803000004000400ffffffff10000400ffffffff20000000ffffffff");

  /** A tree that changes under the copy: nothing from outside of it comes in, and it ends. */
  @Test
  void followsNoLinkThatIsPutInThePlaceOfAFileOrDirectory() throws Exception {
    Path secret = Files.createDirectories(root.resolve("host"));
    Files.writeString(secret.resolve("file"), "SECRET");
    Path tree = Files.createDirectories(root.resolve("moving/d"));
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong swaps = new AtomicLong();
    Thread swapper =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    swap(tree, secret);
                    swaps.incrementAndGet();
                  }
                });
    // as often as a slow machine can in a while
    long enough = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    try {
      for (int i = 0; i < 300 && (i < 20 || System.nanoTime() < enough); i++) {
        VolumeStore fresh =
            VolumeStore.open(root.resolve("moved" + i), n -> List.of(), event -> {});
        Path to = fresh.create(new VolumeSpec("v", "", Map.of(), Map.of())).mountpoint();
        try {
          fresh.fill("v", List.of(root.resolve("moving")), "/d");
        } catch (JcomposeException e) {
          assertThat(e).hasMessageContaining("ENOENT"); // what is gone cannot be copied
        }
        try (var copied = Files.walk(to)) {
          assertThat(copied.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)))
              .allSatisfy(file -> assertThat(Files.readString(file)).isIn("", "inside"));
        }
      }
      assertThat(swapper.isAlive()).isTrue();
      assertThat(swaps.get()).isGreaterThan(100);
    } finally {
      done.set(true);
      swapper.join();
    }
  }

  private static void swap(Path tree, Path secret) {
    try (DirectoryFd directory = DirectoryFd.open(tree)) {
      Path sub = tree.resolve("sub");
      Path file = tree.resolve("file");
      Files.write(tree.resolve("new"), "inside".getBytes(UTF_8));
      Files.move(tree.resolve("new"), file);
      Files.createDirectory(sub);
      Files.write(sub.resolve("new"), "inside".getBytes(UTF_8));
      Files.delete(sub.resolve("new"));
      Files.delete(sub);
      Files.delete(file);
      Files.createSymbolicLink(sub, secret);
      Files.createSymbolicLink(file, secret.resolve("file"));
      Files.delete(sub);
      Files.delete(file);
      directory.mknod("file".getBytes(UTF_8), 0010644, 0);
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void setAttribute(Path file, String key, byte[] value) {
    try (DirectoryFd directory = DirectoryFd.open(file.getParent())) {
      directory.setXattr(file.getFileName().toString().getBytes(UTF_8), key, value);
    }
  }

  private static Map<String, byte[]> attributes(Path file) {
    try (DirectoryFd directory = DirectoryFd.open(file.getParent())) {
      Map<String, byte[]> all =
          new TreeMap<>(directory.xattrs(file.getFileName().toString().getBytes(UTF_8)));
      all.remove("security.selinux");
      return all;
    }
  }

  private static String stat(Path file) throws Exception {
    return run("stat", "-c", "%F %a %u %t:%T", file.toString()).strip();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
    return output;
  }
}
