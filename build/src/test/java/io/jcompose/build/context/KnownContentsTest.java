package io.jcompose.build.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import io.jcompose.linux.file.FileStatus;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownContentsTest {
  private static final long NOW = 1_000_000;
  private static final Content CONTENT = new Content(5, Digest.sha256(new byte[32]));
  private final KnownContents known = new KnownContents(() -> Instant.ofEpochSecond(NOW), 3);

  @Test
  void knowsAFileThatIsAsItWas() {
    FileStatus status = status(7, 5, 100, 0, 200, 0);
    known.keep(status, CONTENT);
    assertThat(known.find(status)).contains(CONTENT);
  }

  @ParameterizedTest
  @CsvSource({
    "8,5,100,0,200,0",
    "7,6,100,0,200,0",
    "7,5,101,0,200,0",
    "7,5,100,1,200,0",
    "7,5,100,0,201,0",
    "7,5,100,0,200,1"
  })
  void knowsNoneThatIsAnother(long inode, long size, long mtime, int mns, long ctime, int cns) {
    known.keep(status(7, 5, 100, 0, 200, 0), CONTENT);
    assertThat(known.find(status(inode, size, mtime, mns, ctime, cns))).isEmpty();
  }

  @Test
  void forgetsWhatWasAskedForLongestAgo() {
    for (int inode = 1; inode <= 3; inode++) {
      known.keep(status(inode, 5, 1, 0, 1, 0), CONTENT);
    }
    known.find(status(1, 5, 1, 0, 1, 0));
    known.keep(status(4, 5, 1, 0, 1, 0), CONTENT);
    assertThat(known.find(status(1, 5, 1, 0, 1, 0))).isPresent();
    assertThat(known.find(status(2, 5, 1, 0, 1, 0))).isEmpty();
  }

  @Test
  void keepsNothingOfAFileThatShrankMeanwhile() {
    FileStatus longer = status(7, 6, 100, 0, 200, 0);
    known.keep(longer, CONTENT);
    assertThat(known.find(longer)).isEqualTo(Optional.empty());
  }

  @Test
  void changesShowOnceTheLastOneIsSomeTimeAgo() {
    assertThat(known.showsChanges(status(7, 5, NOW - 3, 0, NOW - 3, 0))).isTrue();
    assertThat(known.showsChanges(status(7, 5, NOW - 1, 0, NOW - 9, 0))).isFalse();
    assertThat(known.showsChanges(status(7, 5, NOW - 9, 0, NOW - 1, 0))).isFalse();
    assertThat(known.showsChanges(status(7, 5, NOW + 9, 0, NOW - 9, 0)))
        .as("a clock that was set back")
        .isFalse();
  }

  @Test
  void timesOfServersAreNotTrusted() {
    FileStatus remote = new FileStatus(0100644, 0, 0, 7, 1, 5, 0, 1, 0, 1, 0, 0x2a, false);
    assertThat(known.showsChanges(remote)).isFalse();
  }

  private static FileStatus status(
      long inode, long size, long mtime, int mtimeNanos, long ctime, int ctimeNanos) {
    long disk = FileStatus.device(8, 1);
    return new FileStatus(
        0100644, 0, 0, inode, 1, size, 0, mtime, mtimeNanos, ctime, ctimeNanos, disk, false);
  }
}
