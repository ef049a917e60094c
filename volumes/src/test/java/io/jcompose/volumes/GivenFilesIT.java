package io.jcompose.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.file.DirectoryFd;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class GivenFilesIT {
  @TempDir Path dir;

  private static FileSpec owned(Path source) {
    return new FileSpec("geo", "/geo", source, null, 5, -1, 0440, false);
  }

  private Path made(FileSpec file) {
    Mount mount = GivenFiles.mounts(List.of(file), dir.resolve("given"), IdMap.HOST).getFirst();
    return ((Mount.Bind) mount).source();
  }

  @Test
  void copiesAFileOfAnySizeWithoutHoldingIt() throws Exception {
    Path large = dir.resolve("large");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(100L << 20);
      file.seek(70L << 20);
      file.write('x');
    }
    Path copy = made(owned(large));
    assertThat(Files.mismatch(large, copy)).isEqualTo(-1);
    assertThat(Files.getAttribute(copy, "unix:uid")).isEqualTo(5);
    assertThat((int) Files.getAttribute(copy, "unix:mode") & 07777).isEqualTo(0440);
  }

  @Test
  void takesWhatTheKernelTellsOfItselfAndNothing() throws Exception {
    Path version = Path.of("/proc/version"); // says that it has no bytes
    assertThat(made(owned(version))).hasContent(Files.readString(version));
    assertThat(made(owned(Path.of("/dev/null")))).isEmptyFile();
  }

  @Test
  void refusesAtOnceWhatIsNoRegularFile() throws Exception {
    try (DirectoryFd directory = DirectoryFd.open(dir)) {
      directory.mknod("fifo".getBytes(StandardCharsets.UTF_8), 0010644, 0);
    }
    Files.createSymbolicLink(dir.resolve("link"), dir.resolve("fifo"));
    for (Path each : List.of(dir.resolve("fifo"), dir.resolve("link"), Path.of("/dev/zero"), dir)) {
      for (Runnable use :
          List.<Runnable>of(() -> GivenFiles.check(owned(each)), () -> made(owned(each)))) {
        assertThatThrownBy(use::run)
            .isInstanceOf(JcomposeException.InvalidArgument.class)
            .hasMessageContaining("config geo: " + each + " is a")
            .hasMessageContaining("only a regular file");
      }
      FileSpec asItIs = new FileSpec("geo", "/geo", each, null, -1, -1, -1, false);
      GivenFiles.check(asItIs);
      assertThat(made(asItIs)).isEqualTo(each);
    }
    assertThatThrownBy(() -> GivenFiles.check(owned(dir.resolve("none"))))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void refusesMoreThanMemoryIsFor() throws Exception {
    Path huge = dir.resolve("huge");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertThatThrownBy(() -> GivenFiles.check(owned(huge)))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("more than 256 MiB");
    assertThatThrownBy(() -> made(owned(huge))).hasMessageContaining("more than 256 MiB");
  }
}
