package io.jcompose.linux.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFdTest {
  @TempDir Path folder;

  @Test
  void tellsWhetherSomebodyMayWrite() throws Exception {
    Path file = Files.writeString(folder.resolve("f"), "content");
    assertThat(hasNoWriter(file)).isTrue();
    try (FileChannel _ = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertThat(hasNoWriter(file)).isFalse();
    }
    try (FileChannel _ = FileChannel.open(file, StandardOpenOption.READ)) {
      assertThat(hasNoWriter(file)).isTrue();
    }
  }

  @Test
  void aMappingThatOutlivesItsDescriptorIsAWriter() throws Exception {
    Path file = Files.writeString(folder.resolve("f"), "content");
    try (Arena arena = Arena.ofConfined()) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        channel.map(MapMode.READ_WRITE, 0, 7, arena).set(ValueLayout.JAVA_BYTE, 0, (byte) 'C');
      }
      assertThat(hasNoWriter(file)).isFalse();
    }
    assertThat(hasNoWriter(file)).isTrue();
  }

  @Test
  void whatIsLongerThanAFirstReadIsReadWhole() throws Exception {
    byte[] content = new byte[100_000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 >> 3);
    }
    Path file = Files.write(folder.resolve("f"), content);
    byte[] found = new byte[content.length];
    byte[] buffer = new byte[1 << 16];
    int size = 0;
    try (ForeignFile foreign = ForeignFile.at(file);
        FileFd open = foreign.read()) {
      for (int count = open.read(buffer); count > 0; count = open.read(buffer)) {
        System.arraycopy(buffer, 0, found, size, count);
        size += count;
      }
    }
    assertThat(size).isEqualTo(content.length);
    assertThat(found).isEqualTo(content);
  }

  private static boolean hasNoWriter(Path file) {
    try (ForeignFile foreign = ForeignFile.at(file);
        FileFd open = foreign.read()) {
      return open.hasNoWriter();
    }
  }
}
