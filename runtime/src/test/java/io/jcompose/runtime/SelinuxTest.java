package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.compile.TaskCompiler;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.security.CategoryPairs;
import io.jcompose.runtime.user.ProcessUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelinuxTest {
  private static final String PAIR = "s0:c\\d+,c\\d+";

  @TempDir private Path root;

  @BeforeEach
  void machine() throws IOException {
    write("sys/fs/selinux/enforce", "1");
    write("proc/self/attr/current", "system_u:system_r:kernel_t:s0\0");
    write("etc/selinux/config", "# what rules\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
    write(
        "etc/selinux/targeted/contexts/lxc_contexts",
        """
        process = "system_u:system_r:container_t:s0"
        content = "system_u:object_r:virt_var_lib_t:s0"
        file = "system_u:object_r:container_file_t:s0"
        """);
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }

  private static ContainerSpec spec(
      boolean privileged, String pid, String ipc, String... securityOpt) {
    ContainerSpec base = ContainerSpec.of("test", "busybox");
    Security security =
        Security.DEFAULT
            .with()
            .privileged(privileged)
            .securityOpt(List.of(securityOpt))
            .pidMode(pid)
            .ipcMode(ipc)
            .build();
    return base.withSecurity(security);
  }

  private static final Map<String, TaskLabels> OTHERS =
      Map.of(
          "one", new TaskLabels("u:r:one_t:s0:c1,c2", "u:object_r:container_file_t:s0:c1,c2"),
          "two", new TaskLabels("u:r:two_t:s0:c1,c2", "u:object_r:container_file_t:s0:c1,c2"),
          "free", TaskLabels.NONE);

  private static TaskLabels give(Selinux selinux, ContainerSpec spec) {
    return selinux.give(spec, OTHERS::get);
  }

  private static TaskLabels give(Selinux selinux, String... securityOpt) {
    return give(selinux, spec(false, "", "", securityOpt));
  }

  @Test
  void givesEachContainerThePolicysLabelsWithCategoriesOfItsOwn() {
    Selinux selinux = Selinux.of(true, root);
    assertThat(selinux.lack()).isEmpty();
    Set<String> given = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      TaskLabels labels = give(selinux);
      assertThat(labels.process()).matches("system_u:system_r:container_t:" + PAIR);
      assertThat(labels.files())
          .isEqualTo(labels.process().replace("system_r:container_t", "object_r:container_file_t"));
      assertThat(given.add(labels.process())).as(labels.process()).isTrue();
    }
  }

  @Test
  void changesWhatOptionsSay() {
    Selinux selinux = Selinux.of(true, root);
    assertThat(give(selinux, "label=type:spc_t").process())
        .matches("system_u:system_r:spc_t:" + PAIR);
    assertThat(give(selinux, "label=level:s0:c5,c6", "label:role:r", "label=user:u"))
        .isEqualTo(
            new TaskLabels("u:r:container_t:s0:c5,c6", "u:object_r:container_file_t:s0:c5,c6"));
    TaskLabels filed = give(selinux, "label=filetype:mine_t");
    assertThat(filed.process()).contains(":container_t:");
    assertThat(filed.files()).contains(":mine_t:");
    assertThat(give(selinux, "label=disable", "label=type:x"))
        .isEqualTo(new TaskLabels("", "system_u:object_r:container_file_t:s0:c1022,c1023"));
    assertThat(give(selinux, "disable").process()).isEmpty();
  }

  @Test
  void refusesOptionsThatMakeNoLabel() {
    Selinux selinux = Selinux.of(true, root);
    for (String option : List.of("label=x", "label=fly:high", "label=nested", "label=type:a b")) {
      ContainerSpec spec = spec(false, "", "", option);
      assertThatThrownBy(() -> selinux.check(spec))
          .as(option)
          .isInstanceOf(JcomposeException.InvalidArgument.class);
      assertThatThrownBy(() -> give(selinux, spec))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    assertThatThrownBy(() -> give(selinux, "label=x"))
        .hasMessageStartingWith("bad label option \"x\", valid options 'disable' or");
  }

  @Test
  void sharesLabelsAndConfinementAsDocker() {
    Selinux selinux = Selinux.of(true, root);
    assertThat(give(selinux, spec(true, "", "")).process()).isEmpty();
    assertThat(give(selinux, spec(false, "host", "")).process()).isEmpty();
    assertThat(give(selinux, spec(false, "", "host")).process()).isEmpty();
    assertThat(give(selinux, spec(false, "", "container:one"))).isEqualTo(OTHERS.get("one"));
    assertThat(give(selinux, spec(false, "container:two", "")).process())
        .isEqualTo("u:r:two_t:s0:c1,c2");
    assertThat(give(selinux, spec(false, "container:free", "")).process())
        .matches("system_u:system_r:container_t:" + PAIR);
    assertThatThrownBy(() -> give(selinux, spec(false, "container:one", "container:two")))
        .hasMessage("--ipc and --pid containers SELinux labels aren't the same");
    TaskLabels own = give(selinux, spec(true, "", "", "label=type:x_t"));
    assertThat(own.process()).contains(":x_t:");
    assertThat(selinux.inUse(own, spec(true, "", "").security()))
        .isEqualTo(new TaskLabels("", own.files()));
    assertThat(selinux.inUse(own, spec(false, "", "").security())).isEqualTo(own);
  }

  @Test
  void givesNoneWhereNobodyAskedOrTheMachineCannot() throws IOException {
    Selinux off = Selinux.of(false, root);
    assertThat(give(off)).isEqualTo(TaskLabels.NONE);
    assertThat(off.inUse(OTHERS.get("one"), Security.DEFAULT)).isEqualTo(TaskLabels.NONE);
    ContainerSpec wrong = spec(false, "", "", "label=fly:high");
    assertThatCode(() -> off.check(wrong)).doesNotThrowAnyException();
    assertThat(off.warnings(wrong))
        .containsExactly(
            "security_opt label=fly:high has no effect: the engine's setting selinux-enabled is"
                + " off");
    assertThat(off.warnings(spec(false, "", "", "label=disable"))).isEmpty();
    write("etc/selinux/targeted/contexts/lxc_contexts", "file = \"a:b:c:s0\"\n");
    assertThat(Selinux.of(true, root).lack()).contains("lxc_contexts");
    write("proc/self/attr/current", "kernel");
    assertThat(Selinux.of(true, root).lack()).isEqualTo("this machine has no SELinux");
    Files.delete(root.resolve("sys/fs/selinux/enforce"));
    assertThat(Selinux.of(false, root).lack()).isEqualTo("this machine has no SELinux");
  }

  @Test
  void takesContextsOfContainerSelinuxFirstAndPoliciesWithoutLevels() throws IOException {
    write("usr/share/containers/selinux/contexts", "process=\"u:r:c_t\"\nfile=\"u:object_r:f_t\"");
    Selinux selinux = Selinux.of(true, root);
    assertThat(give(selinux)).isEqualTo(new TaskLabels("u:r:c_t", "u:object_r:f_t"));
    assertThat(give(selinux).sharedFiles()).isEqualTo("u:object_r:f_t");
    assertThat(give(selinux, "label=disable")).isEqualTo(new TaskLabels("", "u:object_r:f_t"));
  }

  @Test
  void keepsPairsApartUntilTheLastHolderLetsGo() {
    CategoryPairs pairs = new CategoryPairs(new Random(1));
    String first = new CategoryPairs(new Random(1)).take();
    pairs.keep(first);
    pairs.keep(first);
    pairs.release(first);
    assertThat(pairs.take()).isNotEqualTo(first);
    Random again = new Random(1);
    CategoryPairs freed = new CategoryPairs(new Random(1));
    freed.keep(first);
    freed.release(first);
    assertThat(freed.take()).as("with the same dice, seed %s", again).isEqualTo(first);
  }

  @Test
  void refusesToRelabelWhatTheMachineLivesOn() throws IOException {
    Selinux selinux = Selinux.of(true, root);
    TaskLabels labels = give(selinux);
    Path link = Files.createSymbolicLink(root.resolve("etc-link"), Path.of("/etc"));
    for (Path path : List.of(Path.of("/"), Path.of("/usr/"), Path.of("/var/../etc"), link)) {
      assertThatThrownBy(() -> selinux.relabel(path, labels, true))
          .as(path.toString())
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("is not allowed");
    }
    Files.delete(link);
    assertThatThrownBy(() -> selinux.relabel(root.resolve("gone"), labels, true))
        .hasMessageContaining("error setting label on mount source");
    assertThat(labels.sharedFiles()).isEqualTo("system_u:object_r:container_file_t:s0");
  }

  @Test
  void touchesNoLayerWithoutLabels() {
    assertThatCode(() -> Selinux.of(false, root).labelLayer(root.resolve("gone")))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Selinux.of(true, root).labelLayer(root.resolve("gone")))
        .isInstanceOf(JcomposeException.Internal.class)
        .hasMessageContaining("gone for SELinux");
  }

  @Test
  void takesNoBrokenLabelFromARecord() {
    assertThatThrownBy(() -> new TaskLabels("u:r", ""))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  private String plan(TaskLabels labels) {
    Path none = root.resolve("none");
    TaskSpec task =
        new TaskSpec(
            "0123456789abcdef",
            root,
            spec(false, "", ""),
            List.of("true"),
            List.of(),
            "",
            "",
            new Mount.Overlay(List.of(none), none.resolve("upper"), none.resolve("work"), "/"),
            List.of(),
            new NetworkNamespace.Host(),
            UserNamespace.HOST,
            "box",
            TaskSpec.Joined.NONE,
            labels,
            TaskSpec.LogSpec.NONE);
    CgroupHost host = new CgroupHost(Map.of(), Optional.of(root), Set.of());
    CgroupLayout groups = new CgroupLayout(host, "/jc");
    return TaskCompiler.compile(
            task, ProcessUser.ROOT, DeviceNodes.of(Security.DEFAULT), groups, root, 0, 0)
        .plan()
        .toString();
  }

  @Test
  void labelsFilesBeforeTheyAreMadeAndTheKeyringBeforeItIsJoined() {
    assertThat(plan(new TaskLabels("u:r:p_t", "u:object_r:f_t")))
        .containsSubsequence(
            "ATTRIBUTE\n",
            "self/attr/exec",
            " u:r:p_t ",
            "ATTRIBUTE\n",
            "self/attr/keycreate",
            " u:r:p_t ",
            "KEYRING\n",
            "OVERLAY\n",
            "u:object_r:f_t",
            "FS\n",
            " FSCONFIG_SET_STRING context u:object_r:f_t ",
            "fsetxattr r",
            " security.selinux u:object_r:f_t ",
            "PIVOT\n",
            "SECCOMP\n",
            "EXEC\n");
    assertThat(plan(new TaskLabels("", "u:object_r:f_t")))
        .contains("context")
        .doesNotContain("ATTRIBUTE");
    assertThat(plan(TaskLabels.NONE)).doesNotContain("ATTRIBUTE").doesNotContain("context");
  }
}
