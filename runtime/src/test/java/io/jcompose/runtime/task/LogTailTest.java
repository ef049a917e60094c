package io.jcompose.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
  @TempDir Path directory;

  @Test
  void theLogEndsWithItsLastWholeRecord() throws IOException {
    String whole = "whole\n";
    assertThat(cut(whole + "{\"log\":\"to")).isEqualTo(whole);
    assertThat(cut(whole + "x".repeat(4096))).isEqualTo(whole);
    assertThat(cut(whole + "x".repeat(10_000))).isEqualTo(whole);
    assertThat(cut("y".repeat(4095) + "\n" + "x".repeat(4096))).hasSize(4096);
    assertThat(cut(whole.repeat(3000))).isEqualTo(whole.repeat(3000));
    assertThat(cut("torn")).isEmpty();
    assertThat(cut("")).isEmpty();
  }

  @Test
  void aLinkIsNotFollowedAndNoFileIsMade() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "torn");
    Path link = Files.createSymbolicLink(directory.resolve("link"), other);
    LogTail.cutTornRecord(link);
    assertThat(other).hasContent("torn");
    LogTail.cutTornRecord(directory.resolve("none"));
    assertThat(directory.resolve("none")).doesNotExist();
    LogTail.cutTornRecord(null);
  }

  private String cut(String content) throws IOException {
    Path log = Files.writeString(directory.resolve("log"), content);
    LogTail.cutTornRecord(log);
    return Files.readString(log);
  }
}
