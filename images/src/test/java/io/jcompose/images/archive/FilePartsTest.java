package io.jcompose.images.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.images.layer.TarEntry;
import io.jcompose.images.layer.TarReader;
import io.jcompose.linux.file.DirectoryFd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an archive has of a file with holes. */
class FilePartsTest {
  private static final long SIZE = 1L << 40;

  @TempDir Path temp;

  private byte[] archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(out);
    try (DirectoryFd directory = DirectoryFd.open(temp)) {
      new TreeReader(tar).children(directory, "");
    }
    tar.finish();
    return out.toByteArray();
  }

  @Test
  void readsNoHolesAndWritesThemWhereTheyWere() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(temp.resolve("holes").toFile(), "rw")) {
      for (int i = 0; i < 50; i++) {
        file.seek(i * 10_000_000L);
        file.write(("part " + i).getBytes(StandardCharsets.UTF_8));
      }
      file.setLength(SIZE);
    }
    Files.writeString(temp.resolve("plain"), "plain");
    byte[] archive = archive();
    assertThat(archive.length).isLessThan(1_000_000);
    TarReader in = new TarReader(new ByteArrayInputStream(archive));
    TarEntry holes = in.next();
    assertThat(holes).isNotNull();
    assertThat(holes.name()).isEqualTo("holes");
    assertThat(holes.sizeBytes()).isEqualTo(SIZE);
    byte[] part = new byte[7];
    for (int i = 0; i < 50; i++) {
      skipTo(in, i * 10_000_000L);
      assertThat(in.read(part, 0, part.length)).isEqualTo(part.length);
      assertThat(new String(part, StandardCharsets.UTF_8)).startsWith("part " + i);
    }
    TarEntry plain = in.next();
    assertThat(plain).isNotNull();
    assertThat(plain.name()).isEqualTo("plain");
    assertThat(in.dataBytes()).isEqualTo(5);
  }

  private static void skipTo(TarReader in, long offset) throws IOException {
    byte[] rest = new byte[1 << 16];
    while (in.offset() < offset) {
      assertThat(in.read(rest, 0, (int) Math.min(rest.length, offset - in.offset()))).isPositive();
    }
    assertThat(in.offset()).isEqualTo(offset);
  }

  @Test
  void otherProgramsReadIt() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(temp.resolve("holes").toFile(), "rw")) {
      file.setLength(3_000_000);
      file.seek(2_000_000);
      file.write("middle".getBytes(StandardCharsets.UTF_8));
    }
    byte[] whole = Files.readAllBytes(temp.resolve("holes"));
    byte[] archive = archive();
    assertThat(archive.length).isLessThan(100_000);
    Path to = Files.createDirectory(temp.resolve("to"));
    Process tar = new ProcessBuilder("tar", "-xf", "-", "-C", to.toString()).start();
    tar.getOutputStream().write(archive);
    tar.getOutputStream().close();
    assertThat(tar.waitFor()).isZero();
    assertThat(Files.readAllBytes(to.resolve("holes"))).isEqualTo(whole);
  }

  @Test
  void aFileWithFewHolesIsWrittenOut() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(temp.resolve("small").toFile(), "rw")) {
      file.setLength(500_000);
    }
    assertThat(archive().length).isGreaterThan(500_000);
  }
}
