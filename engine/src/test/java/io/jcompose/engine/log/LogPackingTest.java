package io.jcompose.engine.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.engine.run.FakeTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogPackingTest {
  private static final String RECORD =
      "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05Z\"}\n";

  @TempDir Path directory;

  private final LogPacking packing = new LogPacking();
  private final FakeTask task = new FakeTask("id", (ended, exit) -> {});
  private Path log;

  @BeforeEach
  void name() {
    log = directory.resolve("id-json.log");
  }

  @Test
  void whatAShimHasPutInPlaceIsNotKept() throws Exception {
    for (int i = 0; i < 5; i++) {
      Files.writeString(number(1), RECORD);
      // a number that is not used again, as with file systems that count on
      Files.createLink(directory.resolve("kept" + i), number(1));
      packing.begin(log, task);
      putInPlace();
    }
    Files.writeString(number(1), RECORD);
    packing.begin(log, task);

    assertThat(task.packed.poll(30, TimeUnit.SECONDS)).isNotNull();
    assertThat(packing.open()).isEqualTo(1);
  }

  @Test
  void oneOfManyTurnsIsEnough() throws Exception {
    Files.writeString(number(1), RECORD);
    for (int i = 0; i < 10_000; i++) {
      packing.begin(log, task);
      assertThat(packing.turns()).isLessThanOrEqualTo(1);
    }

    putInPlace();
  }

  /** What a container has written is for root, packed or not. */
  @Test
  void packedFilesAreAsClosedAsTheLog() throws Exception {
    Files.writeString(number(1), RECORD);
    packing.begin(log, task);

    putInPlace();

    assertThat(Files.getPosixFilePermissions(directory.resolve("id-json.log.1.gz")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  /** As the shim does. */
  private void putInPlace() throws Exception {
    Long inode = task.packed.poll(30, TimeUnit.SECONDS);
    assertThat(inode).isNotNull();
    Files.deleteIfExists(directory.resolve("id-json.log.1.gz"));
    Files.move(
        directory.resolve("id-json.log." + inode + ".tmp"), directory.resolve("id-json.log.1.gz"));
    Files.delete(number(1));
  }

  private Path number(int number) {
    return directory.resolve("id-json.log." + number);
  }

  /** No shim renames it: it is put in place at once, also while one runs. */
  @Test
  void aFileThatKeepsItsNameIsPackedWhereItIs() throws Exception {
    Files.writeString(number(1_000_000), RECORD);
    packing.begin(log, task);
    while (Files.exists(number(1_000_000))) {
      LockSupport.parkNanos(1_000_000);
    }

    assertThat(directory.resolve("id-json.log.1000000.gz")).exists();
    assertThat(task.packed).isEmpty();
    assertThat(packing.open()).isZero();
    try (var left = Files.list(directory)) {
      assertThat(left).hasSize(1);
    }
  }
}
