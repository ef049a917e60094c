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
 * Attributes of compose files as the kernel and the containers see them: the files of {@code
 * src/test/resources/AttributesIT}, brought up once. Values of cgroups are looked for where version
 * 1 and version 2 have them; {@code none} is what the machine's kernel has not got.
 */
class AttributesIT {
  private static final Path FOLDER = Path.of("src/test/resources/AttributesIT").toAbsolutePath();
  private static final Path OUTSIDE = FOLDER.resolve("outside");
  private static final String PARENT = "jcompose-attributes";

  @TempDir static Path root;
  private static Stage stage;
  private static String warnings;

  @BeforeAll
  static void bringUp() throws Exception {
    stage = new Stage(root, Map.of("DISK", disk().toString()));
    stage.ok(OUTSIDE, "up");
    warnings = stage.ok(FOLDER, "up", "-d").err();
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage == null) {
      return;
    }
    stage.ok(FOLDER, "down", "-v", "-t", "2");
    String kept = stage.ok(OUTSIDE, "volumes").out();
    stage.ok(OUTSIDE, "down", "-v");
    stage.close();
    try (var groups = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      for (Path hierarchy : groups) {
        Files.deleteIfExists(hierarchy.resolve(PARENT));
      }
    }
    Files.deleteIfExists(Path.of("/sys/fs/cgroup", PARENT));
    assertThat(kept).as("an external volume outlives down -v").contains("outside_vol");
  }

  @Test
  void limits() throws Exception {
    String seen =
        inside(
            "limits",
            """
            cd /sys/fs/cgroup
            value() {
              name=$1; shift
              for file; do [ -r $file ] && echo "$name:" $(cat $file) && return; done
              echo "$name: none"
            }
            value cpu cpu.max cpu/cpu.cfs_quota_us
            value period cpu/cpu.cfs_period_us
            value cpuset cpuset.cpus cpuset/cpuset.cpus
            value reservation memory.low memory/memory.soft_limit_in_bytes
            value swappiness memory/memory.swappiness
            value oom memory/memory.oom_control
            value pids pids.max pids/pids.max
            value score /proc/1/oom_score_adj
            value weight io.bfq.weight io.weight blkio/blkio.bfq.weight blkio/blkio.weight
            value io io.max
            for what in read_bps read_iops write_bps write_iops; do
              value $what blkio/blkio.throttle.${what}_device
            done
            grep /dev/shm /proc/mounts
            readlink /proc/self/ns/cgroup
            """);
    assertThat(seen)
        .containsPattern("cpu: 25000( 50000)?\n")
        .containsPattern("period: (50000|none)\n")
        .contains("cpuset: 0\n", "reservation: 33554432\n", "pids: 44\n", "score: 333\n")
        .containsPattern("swappiness: (7|none)\n")
        .containsPattern("oom: (oom_kill_disable 1.*|none)\n")
        .containsPattern("weight: (default )?(300|2930|none)\n")
        .containsPattern("read_bps: .* 11534336\n|io: .*rbps=11534336")
        .containsPattern("read_iops: .* 1200\n|io: .*riops=1200")
        .containsPattern("write_bps: .* 13631488\n|io: .*wbps=13631488")
        .containsPattern("write_iops: .* 1400\n|io: .*wiops=1400")
        .contains("size=5120k")
        .doesNotContain(cgroupNamespace());
  }

  /** What this machine's kernel or disk cannot do is said, as Docker says it. */
  @Test
  void limitsThatCannotBeAreWarnedAbout() throws Exception {
    boolean unified = !Files.exists(Path.of("/sys/fs/cgroup/memory"));
    assertThat(warnings.contains("Memory swappiness discarded")).isEqualTo(unified);
    assertThat(warnings.contains("OomKillDisable discarded")).isEqualTo(unified);
    Path scheduler = Path.of("/sys/block", disk().getFileName().toString(), "queue/scheduler");
    boolean weighed = Files.exists(scheduler) && Files.readString(scheduler).contains("[bfq]");
    assertThat(warnings.contains("Block I/O weight_device of")).isEqualTo(!weighed);
  }

  @Test
  void cgroupOfTheHost() throws Exception {
    String seen =
        inside(
            "grouped",
            """
            readlink /proc/self/ns/cgroup; cat /proc/self/cgroup; cd /sys/fs/cgroup
            cat memory/memory.soft_limit_in_bytes %s/*/memory.low 2>/dev/null; true
            """
                .formatted(PARENT));
    assertThat(seen)
        .startsWith(cgroupNamespace())
        .contains(":/" + PARENT + "/")
        .endsWith("\n50331648\n");
  }

  @Test
  void namesAndAddresses() throws Exception {
    String seen =
        inside(
            "names",
            "cat /proc/sys/kernel/domainname; hostname -f; cat /etc/resolv.conf /etc/hosts; ip"
                + " route; for i in 0 1; do cat /sys/class/net/eth$i/address; done; ip -4 addr");
    assertThat(seen)
        .startsWith("lan.test\nhere.lan.test\n")
        .contains("search one.test two.test\n", "10.1.2.3\tother\n", "::1\tsix\n")
        .contains("02:11:22:33:44:55\n02:66:77:88:99:aa\n")
        .as("the first address of the range that is not reserved")
        .contains("inet 10.77.0.130/24")
        .contains("default via 10.77.0.254 ");
  }

  @Test
  void storage() throws Exception {
    String seen =
        inside(
            "storage",
            """
            ls /etc/nginx | grep mime; echo "empty:" $(ls /etc/ssl); echo "part:" $(ls /part)
            stat -c %a /scratch; grep -E "/(scratch|memory) " /proc/mounts; cat /kept/it
            """);
    assertThat(seen)
        .contains("mime.types\nempty:\npart: default.conf\n750\n")
        .containsPattern("/scratch tmpfs .*size=3072k,mode=750")
        .containsPattern("/memory tmpfs .*size=2048k,mode=700")
        .endsWith("by the maker\n");
    assertThat(stage.ok(FOLDER, "volumes", "--format", "json").out())
        .contains("note=of the volume");
  }

  @Test
  void endsByTheSignalOfItsOwn() throws Exception {
    Stage.eventually(() -> containing("ready", stage.ok(FOLDER, "logs", "ending").out()));
    stage.ok(FOLDER, "stop", "ending");
    assertThat(stage.ok(FOLDER, "ps", "-a", "ending").out()).contains("Exited (77)");
  }

  /** Were it not, cat would have read an end and be gone. */
  @Test
  void standardInputIsOpen() throws Exception {
    assertThat(inside("reading", "readlink /proc/1/fd/0")).startsWith("pipe:");
  }

  @Test
  void aCheckThatTakesTooLongFails() throws Exception {
    Stage.eventually(() -> containing("(unhealthy)", stage.ok(FOLDER, "ps", "slow").out()));
    assertThat(stage.ok(FOLDER, "ps", "unchecked").out())
        .contains("attributes-unchecked-1")
        .doesNotContain("health");
  }

  @Test
  void showsOnlyWhatItAttachesTo() throws Exception {
    String out = stage.ok(FOLDER, "-f", "attach.yaml", "up").out();
    stage.ok(FOLDER, "-f", "attach.yaml", "down");
    assertThat(out).contains("| heard").doesNotContain("unheard");
  }

  /** That they stay is seen when all is taken down. */
  @Test
  void externalOnesMustExist() throws Exception {
    assertThat(stage.jcompose(FOLDER, "-f", "missing.yaml", "up", "-d", "net").err())
        .contains("network nowhere_net declared as external, but could not be found");
    assertThat(stage.jcompose(FOLDER, "-f", "missing.yaml", "up", "-d", "vol").err())
        .contains("external volume \"nowhere_vol\" not found");
    assertThat(stage.ok(FOLDER, "-f", "missing.yaml", "ps", "-a", "-q").out()).isBlank();
  }

  private static String inside(String service, String script) throws Exception {
    return stage.ok(FOLDER, "exec", "-T", service, "sh", "-c", script).out();
  }

  private static String containing(String part, String text) throws IOException {
    if (!text.contains(part)) {
      throw new IOException("no " + part + " in: " + text);
    }
    return text;
  }

  private static String cgroupNamespace() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns/cgroup")).toString();
  }

  /** A block device of this machine that has a size. */
  private static Path disk() throws IOException {
    try (var names = Files.list(Path.of("/sys/block"))) {
      return names
          .sorted()
          .filter(block -> !read(block.resolve("size")).equals("0"))
          .map(block -> Path.of("/dev").resolve(block.getFileName()))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "0";
    }
  }
}
