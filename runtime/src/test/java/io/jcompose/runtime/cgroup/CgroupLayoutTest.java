package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.device.DeviceRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In a folder that looks like the kernel's; files that the kernel would make are made before. */
class CgroupLayoutTest {
  @TempDir private Path mount;

  private Path memory;
  private Path cpuset;
  private Path devices;
  private Path freezer;
  private Path systemd;

  @BeforeEach
  void hierarchies() throws IOException {
    memory = Files.createDirectory(mount.resolve("memory"));
    cpuset = Files.createDirectory(mount.resolve("cpuset"));
    devices = Files.createDirectory(mount.resolve("devices"));
    freezer = Files.createDirectory(mount.resolve("freezer"));
    systemd = Files.createDirectory(mount.resolve("systemd"));
    Files.createDirectory(mount.resolve("other"));
    Files.createFile(systemd.resolve("cgroup.procs"));
  }

  private CgroupLayout v1() {
    return new CgroupLayout(
        new CgroupHost(Map.of("memory", memory, "freezer", freezer), Optional.empty(), Set.of()),
        "/jc");
  }

  private CgroupLayout with(String controller, Path hierarchy) {
    Map<String, Path> one = Map.of(controller, hierarchy);
    return new CgroupLayout(new CgroupHost(one, Optional.empty(), Set.of()), "/jc");
  }

  private CgroupLayout v2(String... controllers) {
    return new CgroupLayout(
        new CgroupHost(Map.of(), Optional.of(mount), Set.of(controllers)), "/jc/deep");
  }

  @Test
  void aTaskHasItsGroupBelowTheEnginesRoot() {
    assertThat(v1().group(memory, "id")).isEqualTo(memory.resolve("jc/id"));
    assertThat(v1().groupOf("memory", "id")).contains(memory.resolve("jc/id"));
    assertThat(v1().groupOf("pids", "id")).isEmpty();
    assertThat(v1().unifiedGroup("id")).isEmpty();
    assertThat(v2("pids").groupOf("pids", "id")).contains(mount.resolve("jc/deep/id"));
    assertThat(v2("pids").groupOf("memory", "id")).isEmpty();
    assertThat(v2("pids").unifiedGroup("id")).contains(mount.resolve("jc/deep/id"));
    assertThat(with("devices", devices).standardDevicesGroup("id"))
        .isEqualTo(devices.resolve("jc/std/id"));
  }

  @ParameterizedTest
  @CsvSource({"/limited, limited/id", "limited, limited/id", "/a/b, a/b/id"})
  void anotherParentTakesThePlaceOfTheRoot(String parent, String group) {
    assertThat(v1().below(parent).group(memory, "id")).isEqualTo(memory.resolve(group));
    CgroupLayout same = v1();
    assertThat(same.below("")).isSameAs(same);
    assertThat(same.below(parent).host()).isSameAs(same.host());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "..", "../x", "/a/../b", "/a/..", "."})
  void aParentThatIsNotBelowTheRootIsRefused(String parent) {
    assertThatThrownBy(() -> v1().below(parent))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("give a path below the root");
  }

  @Test
  void makesTheRootsAndLeavesWhatIsThere() throws IOException {
    v1().prepare();
    assertThat(memory.resolve("jc")).isDirectory();
    assertThat(freezer.resolve("jc")).isDirectory();
    Path task = Files.createDirectory(memory.resolve("jc/task"));
    v1().prepare();
    assertThat(task).isDirectory();
    assertThat(devices.resolve("jc")).doesNotExist();
  }

  @Test
  void aRootThatCannotBeMadeIsAnErrorThatNamesIt() throws IOException {
    Files.createFile(memory.resolve("jc"));
    assertThatThrownBy(() -> v1().prepare())
        .isInstanceOf(JcomposeException.Internal.class)
        .hasMessageStartingWith("failed to make cgroup jc: ");
  }

  /** A fresh cpuset is empty, and nothing can run in it. */
  @Test
  void cpusetsTakeTheirParentsValuesWhereTheyHaveNone() throws IOException {
    Path root = Files.createDirectory(cpuset.resolve("jc"));
    Files.writeString(cpuset.resolve("cpuset.cpus"), "0-3\n");
    Files.writeString(cpuset.resolve("cpuset.mems"), "0\n");
    Files.writeString(root.resolve("cpuset.cpus"), "\n");
    Files.writeString(root.resolve("cpuset.mems"), "1\n");
    with("cpuset", cpuset).prepare();
    assertThat(root.resolve("cpuset.cpus")).content().startsWith("0-3");
    assertThat(root.resolve("cpuset.mems")).hasContent("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cpuset", "memory", "pids", "io"})
  void controllersGoDownThroughEveryParent(String controller) throws IOException {
    Files.createDirectories(mount.resolve("jc/deep"));
    List<Path> files =
        List.of(
            mount.resolve("cgroup.subtree_control"),
            mount.resolve("jc/cgroup.subtree_control"),
            mount.resolve("jc/deep/cgroup.subtree_control"));
    for (Path file : files) {
      Files.createFile(file);
    }
    v2("hugetlb").prepare();
    assertThat(files).allSatisfy(file -> assertThat(file).isEmptyFile());
    v2(controller, "hugetlb").prepare();
    assertThat(files).allSatisfy(file -> assertThat(file).hasContent("+" + controller));
  }

  @Test
  void dockersDeviceRulesStandOnceForAll() throws IOException {
    Path standard = Files.createDirectories(devices.resolve("jc/std"));
    Files.createFile(standard.resolve("devices.deny"));
    Files.createFile(standard.resolve("devices.allow"));
    with("devices", devices).prepare();
    assertThat(standard.resolve("devices.deny")).hasContent("a");
    assertThat(standard.resolve("devices.allow"))
        .content()
        .startsWith(DeviceRule.STANDARD.getLast().toString());
  }

  /** The kernel refuses to change the rules of a group that has children. */
  @Test
  void deviceRulesThatStandAlreadyAreLeft() throws IOException {
    Path standard = devices.resolve("jc/std");
    with("devices", devices).prepare();
    assertThat(standard).isDirectory();
    Files.createFile(standard.resolve("devices.allow"));
    with("devices", devices).prepare();
    assertThat(standard.resolve("devices.allow")).isEmptyFile();
  }

  @Test
  void idsAreThoseOfGroupsInAnyHierarchy() throws IOException {
    Files.createDirectories(memory.resolve("jc/one"));
    Files.createDirectories(freezer.resolve("jc/two"));
    Files.createDirectories(memory.resolve("jc/std/three"));
    Files.createDirectories(systemd.resolve("jc/four"));
    Files.createDirectories(mount.resolve("other/jc/none"));
    Files.createFile(memory.resolve("jc/tasks"));
    assertThat(v1().ids()).containsExactly("four", "one", "three", "two");
  }

  @Test
  void killsAUnifiedGroupAtOnce() throws IOException {
    Path group = Files.createDirectories(mount.resolve("jc/deep/id"));
    Path kill = Files.createFile(group.resolve("cgroup.kill"));
    v2().kill("id");
    assertThat(kill).hasContent("1");
  }

  @Test
  void killsOneByOneWhereNoGroupCanAndThawsAfter() throws Exception {
    Path inner = Files.createDirectories(memory.resolve("jc/id/made/inside"));
    Path state = Files.createDirectories(freezer.resolve("jc/id")).resolve("freezer.state");
    Files.createFile(state);
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      Files.createFile(memory.resolve("jc/id/cgroup.procs"));
      Files.createFile(memory.resolve("jc/id/made/cgroup.procs"));
      Files.writeString(inner.resolve("cgroup.procs"), process.pid() + "\n");
      v1().kill("id");
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + 9);
      assertThat(state).hasContent("THAWED");
    } finally {
      process.destroyForcibly();
    }
  }

  /** A group may go away between the look at its parent and the look into it. */
  @Test
  void killsWhatItFoundBeforeAGroupWentAway() throws Exception {
    Path group = Files.createDirectories(memory.resolve("jc/id/gone")).getParent();
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      Files.writeString(group.resolve("cgroup.procs"), process.pid() + "\n");
      v1().kill("id");
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void removesATasksGroupsWithThoseMadeInThem() throws IOException {
    Files.createDirectories(memory.resolve("jc/id/made/inside"));
    Files.createDirectories(memory.resolve("jc/std/id"));
    Path other = Files.createDirectories(memory.resolve("jc/other"));
    v1().remove("id");
    assertThat(memory.resolve("jc/id")).doesNotExist();
    assertThat(memory.resolve("jc/std/id")).doesNotExist();
    assertThat(other).isDirectory();
    v1().remove("id");
  }

  @Test
  void removesRootsThatHaveNoTaskLeft() throws IOException {
    Files.createDirectories(memory.resolve("jc/std"));
    Path task = Files.createDirectories(freezer.resolve("jc/task"));
    v1().removeRoots();
    assertThat(memory.resolve("jc")).doesNotExist();
    assertThat(task).isDirectory();
  }
}
