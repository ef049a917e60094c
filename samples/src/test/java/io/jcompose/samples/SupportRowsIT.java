package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows of docs/compose-support.md that need more than one look, as {@link AttributesIT} does it:
 * the file {@code rows.yaml} beside its own.
 */
class SupportRowsIT {
  private static final Path FOLDER = Path.of("src/test/resources/AttributesIT").toAbsolutePath();

  @TempDir static Path root;
  @TempDir static Path shared;
  private static Stage stage;

  @BeforeAll
  static void bringUp() throws Exception {
    stage = new Stage(root, Map.of("SHARED", shared.toString()));
    stage.shell(FOLDER, "mount -t tmpfs rows " + shared + " && mount --make-shared " + shared);
    stage.ok(FOLDER, "-f", "rows.yaml", "up", "-d");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage == null) {
      return;
    }
    stage.ok(FOLDER, "-f", "rows.yaml", "down", "-v", "-t", "1");
    stage.shell(FOLDER, "umount " + shared);
    stage.close();
  }

  @Test
  void sharesAndSwap() throws Exception {
    assertThat(
            inside(
                "weighed",
                """
                cd /sys/fs/cgroup
                cat cpu/cpu.shares 2>/dev/null || echo weight $(cat cpu.weight)
                cat memory/memory.memsw.limit_in_bytes memory.swap.max 2>/dev/null || true
                """))
        .as("512 shares, of memory and swap together 96 MiB, of which 64 are memory")
        .containsPattern("^(512|weight [1-9]\\d?)\n")
        .containsPattern("\n(100663296|33554432)\n$");
  }

  @Test
  void softAndHardLimits() throws Exception {
    assertThat(inside("weighed", "ulimit -n; ulimit -Hn")).isEqualTo("100\n200\n");
  }

  @Test
  void namespacesOfTheHost() throws Exception {
    assertThat(inside("hosted", "readlink /proc/self/ns/uts; readlink /proc/self/ns/ipc"))
        .isEqualTo(namespace("uts") + "\n" + namespace("ipc") + "\n")
        .isNotEqualTo(inside("weighed", "readlink /proc/self/ns/uts; readlink /proc/self/ns/ipc"));
  }

  private static String namespace(String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
  }

  @Test
  void namesOfInterfacesAndTheWayOut() throws Exception {
    assertThat(inside("connected", "ip route"))
        .startsWith("default via 10.79.0.1 dev wan0")
        .containsPattern("10\\.78\\.0\\.0/24 dev lan0 ");
  }

  /** The first program has them, what {@code exec} runs, and the health check. */
  @Test
  void furtherGroups() throws Exception {
    assertThat(inside("member", "grep Groups /proc/1/status")).contains("99");
    assertThat(inside("member", "id -G")).isEqualTo("1000 99\n");
    Stage.eventually(
        () -> {
          String row = stage.ok(FOLDER, "-f", "rows.yaml", "ps", "member").out();
          if (!row.contains("(healthy)")) {
            throw new IOException(row);
          }
          return row;
        });
  }

  @Test
  void propagationOfBinds() throws Exception {
    String mounts = inside("bound", "cut -d' ' -f5- /proc/self/mountinfo");
    assertThat(mounts)
        .containsPattern("(?m)^/none rw,relatime - ")
        .containsPattern("(?m)^/rprivate rw,relatime - ")
        .containsPattern("(?m)^/rslave rw,relatime master:\\d+ - ")
        .containsPattern("(?m)^/rshared rw,relatime shared:\\d+ - ");
  }

  /** Both need 8 s to end by themselves, which is less than what they have by default. */
  @Test
  void timeToEndByItself() throws Exception {
    Stage.eventually(
        () -> {
          String out = stage.ok(FOLDER, "-f", "rows.yaml", "logs", "impatient", "patient").out();
          if (out.lines().filter(line -> line.endsWith("ready")).count() < 2) {
            throw new IOException(out);
          }
          return out;
        });
    stage.ok(FOLDER, "-f", "rows.yaml", "stop", "impatient", "patient");
    assertThat(stage.ok(FOLDER, "-f", "rows.yaml", "ps", "-a", "impatient").out())
        .contains("Exited (137)");
    assertThat(stage.ok(FOLDER, "-f", "rows.yaml", "ps", "-a", "patient").out())
        .contains("Exited (7)");
  }

  private static String inside(String service, String script) throws Exception {
    return stage.ok(FOLDER, "-f", "rows.yaml", "exec", "-T", service, "sh", "-c", script).out();
  }
}
