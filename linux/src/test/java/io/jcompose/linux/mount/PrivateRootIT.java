package io.jcompose.linux.mount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateRootIT {
  @TempDir Path dir;
  private Path point;
  private List<Path> lower;

  @BeforeEach
  void layers() throws IOException {
    Files.createDirectories(dir.resolve("top/v"));
    Files.createDirectories(dir.resolve("bottom/w"));
    Files.writeString(Files.createDirectories(dir.resolve("volume/sub")).resolve("file"), "inside");
    Files.createSymbolicLink(dir.resolve("volume/out"), Path.of("/etc"));
    lower = List.of(dir.resolve("top"), dir.resolve("bottom"));
    point = Files.createDirectory(dir.resolve("point"));
  }

  private PrivateRoot open(PrivateRoot.Bind... binds) {
    return PrivateRoot.open(new PrivateRoot.Layout(lower, null, null, List.of(binds)), point);
  }

  private PrivateRoot.Bind bind(String inside) {
    return new PrivateRoot.Bind(dir.resolve("volume"), inside, "/v", true);
  }

  @Test
  void showsAPathInsideABindAndFollowsNoLinkThere() {
    try (PrivateRoot view = open(bind("sub"));
        DirectoryFd shown = view.root().openDirectory("v".getBytes(UTF_8))) {
      assertThat(shown.list()).containsExactly("file".getBytes(UTF_8));
    }
    assertThatThrownBy(() -> open(bind("out"))).hasMessageContaining("ELOOP");
    assertThatThrownBy(() -> open(bind("sub/../out"))).hasMessageContaining("ELOOP");
    assertThatThrownBy(() -> open(bind("none"))).hasMessageContaining("ENOENT");
  }

  /** As a container's are before its first start. */
  @Test
  void makesTargetsThatAreMissing() throws IOException {
    Path file = dir.resolve("volume/sub/file");
    Path upper = Files.createDirectory(dir.resolve("upper"));
    Path work = Files.createDirectory(dir.resolve("work"));
    PrivateRoot.Layout layout =
        new PrivateRoot.Layout(
            lower,
            upper,
            work,
            List.of(
                new PrivateRoot.Bind(file, "", "/etc/hosts", false),
                new PrivateRoot.Bind(dir.resolve("volume"), "", "/made/here", false)));
    try (PrivateRoot view = PrivateRoot.open(layout, point);
        DirectoryFd made = view.root().openInRoot("made/here".getBytes(UTF_8));
        DirectoryFd etc = view.root().openInRoot("etc".getBytes(UTF_8))) {
      assertThat(made.stat("sub".getBytes(UTF_8))).isPresent();
      assertThat(etc.stat("hosts".getBytes(UTF_8)).orElseThrow().sizeBytes()).isEqualTo(6);
    }
    assertThat(upper.resolve("etc/hosts")).isEmptyFile();
  }

  /** That would be another place for what is copied, without a word. */
  @Test
  void leavesNothingOutWhoseTargetCannotBe() throws IOException {
    Path file = dir.resolve("volume/sub/file");
    Files.writeString(lower.getFirst().resolve("plain"), "");
    PrivateRoot.Bind below = new PrivateRoot.Bind(file, "", "/plain/hosts", false);
    assertThatThrownBy(() -> open(below)).hasMessageContaining("ENOTDIR");
  }

  @Test
  void keepsNoDescriptorAndNoMountOfAnAttemptThatFails() throws IOException {
    open(bind("sub")).close(); // loads what is loaded once
    long before = descriptors();
    List<String> mounts = Files.readAllLines(Path.of("/proc/self/mountinfo"));
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> open(bind(""), bind("sub"), bind("none")))
          .isInstanceOf(KernelException.class);
      assertThatThrownBy(
              () ->
                  PrivateRoot.open(
                      new PrivateRoot.Layout(lower, null, null, List.of(bind(""))),
                      dir.resolve("nowhere")))
          .isInstanceOf(KernelException.class);
      lower = List.of(dir.resolve("top"), dir.resolve("gone"));
      assertThatThrownBy(() -> open(bind(""))).isInstanceOf(KernelException.class);
      lower = List.of(dir.resolve("top"), dir.resolve("bottom"));
    }
    assertThat(descriptors()).isEqualTo(before);
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(mounts);
  }

  @Test
  void noDeviceCanBeOpenedInIt() throws IOException {
    try (DirectoryFd top = DirectoryFd.open(dir.resolve("top"))) {
      top.mknod("zero".getBytes(UTF_8), 0020666, FileStatus.device(1, 5));
    }
    try (PrivateRoot view = open();
        UnionView union = UnionView.open(lower);
        UnionView single = UnionView.open(lower.subList(0, 1))) {
      Path device = Path.of("/proc/self/fd/" + view.root().fd() + "/zero");
      assertThatThrownBy(() -> Files.newInputStream(device).close())
          .isInstanceOf(AccessDeniedException.class);
      for (UnionView each : List.of(union, single)) {
        try (ForeignFile root = each.find("/").orElseThrow();
            DirectoryFd opened = DirectoryFd.of(root)) {
          Path seen = Path.of("/proc/self/fd/" + opened.fd() + "/zero");
          assertThatThrownBy(() -> Files.newInputStream(seen).close())
              .isInstanceOf(AccessDeniedException.class);
        }
      }
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
