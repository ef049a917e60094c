package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Containers whose first process is the shim's small init. */
class InitIT {
  /** The program runs before the first process has become what it stays. */
  static final String READY = "until grep -q docker-init /proc/1/comm; do :; done; ";

  private static final String LOOK =
      READY
          + "tr '\\0' '\\n' </proc/1/environ | grep -c ^FOO=bar$; cat /proc/1/comm;"
          + " tr '\\0' ' ' </proc/1/cmdline; echo; echo told >/proc/1/fd/1; ls -d /proc/1/cwd/;"
          + " readlink /proc/1/exe";

  private TestHost host;

  @BeforeEach
  void open() {
    host = new TestHost();
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  private TestHost.Run withInit(String... command) {
    var run = host.run(command);
    run.process = ProcessSpec.DEFAULT.withInit(true);
    return run;
  }

  @Test
  void theContainersRootMayLookIntoTheFirstProcess() throws IOException {
    var run = withInit("sleep", "1000");
    run.env = List.of("FOO=bar");
    run.start();
    assertThat(TaskRuntimeIT.exec(run.task, "", "sh", "-c", LOOK))
        .startsWith("1\ndocker-init\n/sbin/docker-init -- sleep 1000 \n/proc/1/cwd/\n/memfd:");
    host.await("what was told", () -> run.text().equals("told\n"));
    run.task.killAll();
    run.awaitEnd();
  }

  @Test
  void nothingOfTheHostIsInTheFirstProcess() throws IOException {
    var run = withInit("sleep", "1000");
    run.start();
    String all = READY + "cat /proc/1/environ /proc/1/maps /proc/1/cmdline; ls -l /proc/1/fd";
    assertThat(TaskRuntimeIT.exec(run.task, "", "sh", "-c", all))
        .contains("PATH=/usr/local/sbin")
        .doesNotContain(host.root.toString(), "JAVA", "launcher", "socket:", "/proc/1/fd/3");
    run.task.killAll();
    run.awaitEnd();
  }

  @Test
  void anyUserAndAnyUserNamespaceCan() throws IOException {
    var run = withInit("sh", "-c", "echo $$ is no 1; trap 'exit 9' TERM; sleep 1000 & wait");
    run.user = "joe";
    run.env = List.of("FOO=bar");
    run.ids = UserNamespaceIT.IDS;
    run.start();
    host.await("its output", () -> run.text().contains("is no 1"));
    assertThat(
            TaskRuntimeIT.exec(
                run.task,
                "",
                "sh",
                "-c",
                "cat /proc/1/comm; tr '\\0' '\\n' </proc/1/environ | grep FOO"))
        .startsWith("docker-init\nFOO=bar\n");
    run.task.signal(15);
    assertThat(run.awaitEnd().code()).isEqualTo(9);
  }

  /** With little of a processor, the program ends while its parent waits to become init. */
  @Test
  @Tag("slow") // a hundredth of an emulated processor
  void endsWithAProgramThatEndsAtOnce() {
    List<TestHost.Run> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      var run = withInit("true");
      run.resources = Resources.UNLIMITED.withNanoCpus(10_000_000);
      all.add(run.start());
    }
    assertThat(all).allSatisfy(run -> assertThat(run.awaitEnd().code()).isZero());
  }

  @Test
  void saysWhyAProgramCannotBeExecuted() {
    var run = withInit("nope");
    assertThatThrownBy(run::start).hasMessage("exec: \"nope\": executable file not found in $PATH");
  }
}
