package io.jcompose.runtime.user;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users by files that may hold anything: man 5 passwd, man 5 group. */
class UserDatabaseTest {
  @TempDir Path root;
  @TempDir Path host;

  @BeforeEach
  void make() throws IOException {
    Files.createDirectories(root.resolve("etc"));
    passwd("root:x:0:0::/root:/sh\napp:x:7:8::/home/app:/sh\n");
  }

  private void passwd(String text) throws IOException {
    Files.writeString(root.resolve("etc/passwd"), text, StandardCharsets.ISO_8859_1);
  }

  private void group(String text) throws IOException {
    Files.writeString(root.resolve("etc/group"), text, StandardCharsets.ISO_8859_1);
  }

  private ProcessUser find(String user, String... more) {
    return find(List.of(), user, more);
  }

  private ProcessUser find(List<Mount> mounts, String user, String... more) {
    try (ContainerFiles files = new ContainerFiles(DirectoryFd.open(root), mounts)) {
      return UserDatabase.find(files::open, user, Arrays.asList(more));
    }
  }

  private void refuses(String message, String user, String... more) {
    assertThatThrownBy(() -> find(user, more))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(message);
  }

  @Test
  void findsAUserAndItsGroupsBehindAnyNumberOfOthers() throws IOException {
    group("g:x:1:a\n".repeat(220_000) + "one:x:20:b,app\ntwo:x:30:app\nbig:x:40:\n");
    assertThat(find("app", "big"))
        .isEqualTo(new ProcessUser(7, 8, List.of(8, 20, 30, 40), "/home/app"));
    assertThat(find("7:two")).isEqualTo(new ProcessUser(7, 30, List.of(30), "/home/app"));
    assertThat(find("app:99", "5", "99").groups()).containsExactly(99, 5);
    assertThat(find("").home()).isEqualTo("/root");
  }

  @Test
  void aNumberNeedsNoEntry() throws IOException {
    assertThat(find("1234")).isEqualTo(new ProcessUser(1234, 0, List.of(0), "/"));
    assertThat(find("1234:5")).isEqualTo(new ProcessUser(1234, 5, List.of(5), "/"));
    assertThat(find("0000000007").home()).isEqualTo("/home/app");
    Files.delete(root.resolve("etc/passwd"));
    assertThat(find("")).isEqualTo(ProcessUser.ROOT);
    assertThat(find("2147483647").uid()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void saysWhatIsNotThere() throws IOException {
    refuses("unable to find user nobody: no matching entries in passwd file", "nobody");
    refuses("unable to find group staff: no matching entries in group file", "app:staff");
    refuses("unable to find group audio", "app", "audio");
    refuses("uids and gids must be in range 0-2147483647: user 2147483648", "2147483648");
    refuses("uids and gids must be in range 0-2147483647: user 99999999999", "99999999999");
    refuses("uids and gids must be in range 0-2147483647: group 4294967296", "app:4294967296");
  }

  @Test
  void anEntrysNumberMustBeOneToo() throws IOException {
    passwd(
        "big:x:4294967295:0::/:/sh\nhuge:x:"
            + "9".repeat(60)
            + ":1::/:/sh\nlow:x:5:4294967295::/:\n");
    for (String user : List.of("big", "huge", "low")) {
      refuses("uids and gids must be in range 0-2147483647: user " + user, user);
    }
    group("big:x:3000000000:app\n");
    passwd("app:x:1:1::/:/sh\n");
    refuses("uids and gids must be in range 0-2147483647: user app", "app");
  }

  @Test
  void theFirstWholeEntryWins() throws IOException {
    passwd(
        "\n:\nx\nx:x:no:1::/no:\nx:x:1:no::/no:\nx:x:3:4\nx:x:5:6::/second:/sh\ny::9:9:gecos:/y\n");
    assertThat(find("x")).isEqualTo(new ProcessUser(3, 4, List.of(4), "/"));
    assertThat(find("y").home()).isEqualTo("/y");
    group("g:x:no:\ng:x:6\ng:x:7:\n");
    assertThat(find("x:g").gid()).isEqualTo(6);
  }

  /** As the last line without its end, and members behind what is longer than any name. */
  @Test
  void linesMayBeOfAnyLength() throws IOException {
    String many = "m,".repeat(50_000);
    group("long:x:9:" + many + "n".repeat(5000) + ",app," + many + "\nlast:x:10:app");
    passwd("a".repeat(5000) + ":x:1:1::/a:\nb:" + "x".repeat(100_000) + ":2:3::/b:\napp:x:7:8");
    assertThat(find("app").groups()).containsExactly(8, 9, 10);
    assertThat(find("b").home()).isEqualTo("/b");
    refuses(
        "unable to find user %s: no matching entries in passwd file".formatted("a".repeat(5000)),
        "a".repeat(5000));
  }

  @Test
  void bytesMayBeAnything() throws IOException {
    passwd("caf\u00c3\u00a9:x:5:6::/h\u00c3\u00a9:/sh\nn\0ul:x:6:6:::\n\u00ff:x:8:8::/:\n");
    assertThat(find("café")).isEqualTo(new ProcessUser(5, 6, List.of(6), "/hé"));
    assertThat(find("n").uid()).isEqualTo(6);
  }

  @Test
  void onlyRegularFilesAreRead() throws Exception {
    Path passwd = root.resolve("etc/passwd");
    Files.delete(passwd);
    Process fifo = new ProcessBuilder("mkfifo", passwd.toString()).start();
    assertThat(fifo.waitFor()).isZero();
    assertThat(find("5").home()).isEqualTo("/");
    Files.delete(passwd);
    Files.createDirectory(passwd);
    refuses("unable to find user app: no matching entries in passwd file", "app");
  }

  @Test
  void refusesFilesThatHaveNoEnd() throws IOException {
    try (var file = new RandomAccessFile(root.resolve("etc/group").toFile(), "rw")) {
      file.setLength(2 << 20);
      assertThat(find("app").gid()).isEqualTo(8);
      file.setLength((2 << 20) + 1);
    }
    refuses("the container's /etc/group is longer than 2 MiB", "app");
    Files.copy(root.resolve("etc/group"), root.resolve("etc/passwd"), REPLACE_EXISTING);
    refuses("the container's /etc/passwd is longer than 2 MiB", "app");
  }

  /** The kernel would answer who opens them, which is the engine. */
  @Test
  void filesOfTheKernelAreNone() throws Exception {
    Path passwd = root.resolve("etc/passwd");
    Files.delete(passwd);
    Files.createSymbolicLink(passwd, Path.of("/state/cmdline"));
    Process told = new ProcessBuilder("sh", "-c", "read line", "\nspy:x:1:1::/:\n").start();
    try {
      Path state = Path.of("/proc/" + told.pid());
      Mount proc = new Mount.Bind(state, "/state", true, true, "", false, "");
      assertThat(Files.readString(state.resolve("cmdline"))).contains("\nspy:");
      assertThatThrownBy(() -> find(List.of(proc), "spy"))
          .hasMessage("unable to find user spy: no matching entries in passwd file");
    } finally {
      told.destroy();
    }
  }

  @Test
  void linksLeadInsideOfTheContainer() throws IOException {
    Path etc = root.resolve("etc");
    Files.writeString(host.resolve("passwd"), "spy:x:1:1::/:\n");
    Files.delete(etc.resolve("passwd"));
    Files.createSymbolicLink(etc.resolve("passwd"), host.resolve("passwd"));
    refuses("unable to find user spy: no matching entries in passwd file", "spy");
    Files.delete(etc.resolve("passwd"));
    Files.createDirectories(root.resolve("usr/share"));
    Files.writeString(root.resolve("usr/share/users"), "in:x:4:4::/:\n");
    Files.createSymbolicLink(etc.resolve("passwd"), Path.of("../../../usr/./share/../share/users"));
    assertThat(find("in").uid()).isEqualTo(4);
    Files.delete(etc.resolve("passwd"));
    Files.createSymbolicLink(etc.resolve("passwd"), Path.of("passwd"));
    refuses("unable to find user in: no matching entries in passwd file", "in");
  }

  private Mount bind(String source, String target, String inside) {
    return new Mount.Bind(host.resolve(source), target, true, true, "", false, inside);
  }

  @Test
  void aMountWinsOverWhatIsBelow() throws IOException {
    Files.createDirectories(host.resolve("conf/sub"));
    Files.writeString(host.resolve("users"), "m:x:3:3::/:\n");
    Files.writeString(host.resolve("conf/passwd"), "c:x:4:4::/:\n");
    Files.writeString(host.resolve("conf/sub/passwd"), "s:x:5:5::/:\n");
    assertThat(find(List.of(bind("users", "/etc/passwd", "")), "m").uid()).isEqualTo(3);
    assertThat(find(List.of(bind("conf", "/etc", "")), "c").uid()).isEqualTo(4);
    assertThat(find(List.of(bind("conf", "/etc", "sub")), "s").uid()).isEqualTo(5);
    Mount both = bind("users", "/etc/passwd", "");
    assertThat(find(List.of(both, bind("conf", "/etc", "")), "m").uid()).isEqualTo(3);
    Mount empty = new Mount.Tmpfs("/etc", "");
    assertThatThrownBy(() -> find(List.of(empty), "app"))
        .hasMessageContaining("unable to find user app");
    assertThat(find(List.of(empty, both), "m").uid()).isEqualTo(3);
  }

  @Test
  void aMountWinsWhereALinkLeads() throws IOException {
    Files.createDirectories(root.resolve("usr/etc"));
    Files.writeString(root.resolve("usr/etc/passwd"), "below:x:3:3::/:\n");
    Files.writeString(host.resolve("passwd"), "above:x:4:4::/:\n");
    Files.delete(root.resolve("etc/passwd"));
    Files.delete(root.resolve("etc"));
    Files.createSymbolicLink(root.resolve("etc"), Path.of("/usr/etc"));
    assertThat(find("below").uid()).isEqualTo(3);
    for (String target : List.of("/usr/etc/passwd", "/etc/passwd")) {
      assertThat(find(List.of(bind("passwd", target, "")), "above").uid()).isEqualTo(4);
    }
    assertThat(find(List.of(bind(".", "/usr/etc", "")), "above").uid()).isEqualTo(4);
  }
}
