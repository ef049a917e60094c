package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.file.DirectoryFd;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sparse files as GNU tar writes them. */
class SparseFilesIT {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=gnu",
        "--format=posix --sparse-version=0.0",
        "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0"
      })
  void unpacksSparseFilesWithTheirHoles(String format) throws Exception {
    Path root = Files.createDirectory(temp.resolve("root"));
    Path file = temp.resolve("holes");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (int i = 1; i <= 40; i++) { // more than a header's map holds
        out.seek(i * 1_000_000L);
        out.write(("part " + i).getBytes(StandardCharsets.UTF_8));
      }
      out.setLength(1L << 34);
    }
    Files.writeString(temp.resolve("plain"), "plain");
    Path archive = temp.resolve("archive");
    List<String> command = new ArrayList<>(List.of("tar", "--sparse", "-cf", archive.toString()));
    command.addAll(List.of(format.split(" ")));
    command.addAll(List.of("-C", temp.toString(), "holes", "plain"));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    try (DirectoryFd fd = DirectoryFd.open(root);
        InputStream in = Files.newInputStream(archive)) {
      assertThat(LayerUnpacker.unpack(in, fd, 1).sizeBytes()).isLessThan(1_000_000);
    } finally {
      Files.delete(archive);
      Files.delete(temp.resolve("plain"));
    }
    Path unpacked = root.resolve("holes");
    assertThat(Files.size(unpacked)).isEqualTo(1L << 34);
    assertThat(root.resolve("plain")).hasContent("plain");
    try (RandomAccessFile in = new RandomAccessFile(unpacked.toFile(), "r")) {
      byte[] part = new byte[8];
      for (int i = 1; i <= 40; i++) {
        in.seek(i * 1_000_000L - 1);
        in.readFully(part);
        String expected = "\0part " + i;
        assertThat(new String(part, StandardCharsets.UTF_8)).startsWith(expected.substring(0, 7));
      }
    }
    Process du = new ProcessBuilder("du", "-k", unpacked.toString()).start();
    String kib = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(Long.parseLong(kib.split("\t")[0])).isLessThan(10_000);
  }
}
