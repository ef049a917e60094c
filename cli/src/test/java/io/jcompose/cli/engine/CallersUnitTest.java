package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallersUnitTest {
  private static final String OWN = Long.toString(ProcessHandle.current().pid());

  @TempDir Path root;

  private Path processes(String hierarchy) throws IOException {
    Path folder = Files.createDirectories(root.resolve("sys/fs/cgroup").resolve(hierarchy));
    return Files.writeString(folder.resolve("cgroup.procs"), "");
  }

  @Test
  void goesToTheRootOfTheUnitsHierarchyAndOfNoOther() throws IOException {
    Files.createDirectories(root.resolve("run/systemd/system"));
    Path unified = processes("unified");
    Path systemd = processes("systemd");
    Path memory = processes("memory");
    CallersUnit.leave(root);
    assertThat(unified).hasContent(OWN);
    assertThat(systemd).hasContent(OWN);
    assertThat(memory).isEmptyFile();
    assertThat(root.resolve("sys/fs/cgroup/cgroup.procs")).doesNotExist();
  }

  @Test
  void goesToTheRootWhereThereIsOneHierarchy() throws IOException {
    Files.createDirectories(root.resolve("run/systemd/system"));
    Path only = processes("");
    CallersUnit.leave(root);
    assertThat(only).hasContent(OWN);
  }

  @Test
  void staysWhereItIsWithoutSystemd() throws IOException {
    Path only = processes("");
    CallersUnit.leave(root);
    assertThat(only).isEmptyFile();
  }
}
