package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user of the host without any group, and engines that are started under the masks of careless
 * and of careful people: nothing below the roots is open to that user, and all that containers need
 * is open to those in them.
 */
class OtherUserIT {
  private static final Path FILES = Path.of("src/test/resources/OtherUserIT").toAbsolutePath();
  private static final String NOBODY = "setpriv --reuid 65534 --regid 65534 --clear-groups ";

  /** Prints which of the files that root finds another user can reach. */
  private static final String REACHED =
      """
      find "$JCOMPOSE_ROOT/lib" "$JCOMPOSE_ROOT/run" -mindepth 1 >"$JCOMPOSE_ROOT/all"
      chmod 644 "$JCOMPOSE_ROOT/all"
      test "$(wc -l <"$JCOMPOSE_ROOT/all")" -gt 50
      %ssh -c 'while read -r path; do if [ -e "$path" ]; then echo "$path"; fi; done' \
        <"$JCOMPOSE_ROOT/all"
      """
          .formatted(NOBODY);

  @TempDir Path root;
  private Path folder;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    folder = Files.createDirectory(root.resolve("project"));
    Files.copy(FILES.resolve("compose.yaml"), folder.resolve("compose.yaml"));
    stage = new Stage(root);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down", "-v");
    stage.close();
  }

  @Test
  void reachesNothingOfAnEngineStartedWithoutAMask() throws Exception {
    stage.shell(folder, "umask 0; $J up -d");
    stage.shell(folder, "$J exec -T db sh -c 'cp /bin/busybox /data/sh; chmod 4755 /data/sh'");
    stage.shell(folder, "$J exec -T db sh -c 'cp /bin/busybox /opt-sh; chmod 4755 /opt-sh'");
    assertThat(stage.shell(folder, REACHED)).isEmpty();
    assertThat(stage.shell(folder, NOBODY + "cat \"$JCOMPOSE_ROOT\"/lib/engine.lock 2>&1 || :"))
        .contains("Permission denied");
  }

  @Test
  void reachesNothingOfARootThatAnEarlierEngineLeftOpen() throws Exception {
    stage.ok(folder, "up", "-d");
    stage.stopEngine();
    stage.shell(
        folder,
        "cd \"$JCOMPOSE_ROOT\"; chmod 755 lib lib/* lib/*/* run run/*; chmod 644 */*.lock */*.log");
    assertThat(stage.shell(folder, REACHED)).isNotEmpty();
    stage.ok(folder, "ps");
    assertThat(stage.shell(folder, REACHED)).isEmpty();
  }

  @Test
  void anotherUserOfTheContainerReadsItsFilesWhateverTheMask() throws Exception {
    stage.shell(folder, "umask 077; $J up -d");
    String look =
        "cat /etc/hosts /etc/resolv.conf /etc/hostname; nslookup db >/dev/null && echo found";
    assertThat(stage.ok(folder, "exec", "-T", "user", "sh", "-c", look).out())
        .contains("127.0.0.1\tlocalhost", "nameserver ", "plain\n", "found\n");
    look = "stat -c '%a %n' /data /anonymous /made /public";
    assertThat(stage.ok(folder, "exec", "-T", "db", "sh", "-c", look).out())
        .isEqualTo("755 /data\n755 /anonymous\n755 /made\n444 /public\n");
  }
}
