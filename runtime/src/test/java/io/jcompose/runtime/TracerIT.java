package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A container whose processes may trace others (CAP_SYS_PTRACE) looks at all that comes into its
 * pid namespace: nothing there may have the host's files, or a socket, which tells who has the
 * other end.
 */
class TracerIT {
  private static final int STARTS = 40;

  private TestHost host;
  private Path mark;
  private Path tell;

  @BeforeEach
  void open() throws IOException {
    host = new TestHost();
    mark = Files.writeString(host.root.resolve("mark"), "the host's");
    tell = Files.createDirectory(host.root.resolve("tell"));
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  /** Looks through the roots of all processes that may come next. */
  private TestHost.Run tracer() throws IOException {
    String look =
        """
        first=$(sh -c 'echo $$'); numbers=$(seq $first $((first + 99))); echo ready
        while [ ! -e /tell/end ]; do
          for i in $numbers; do
            if [ -e /proc/$i/root%s ]; then echo "$i has the host's files"; exit; fi
            if [ -e /proc/$i/root/tell ]; then
              seen=$i
              for f in /proc/$i/fd/*; do if [ -S $f ]; then echo "$f is a socket"; exit; fi; done
            fi
          done
        done
        echo "saw $seen"
        """
            .formatted(mark);
    var run = host.run("sh", "-c", look);
    run.security = Security.DEFAULT.with().capAdd(List.of("SYS_PTRACE")).build();
    run.mounts = List.of(shown());
    run.start();
    host.await("it to look", () -> run.text().contains("ready"));
    return run;
  }

  private Mount shown() {
    return new Mount.Bind(tell, "/tell", true, true, "rprivate");
  }

  private void end(TestHost.Run tracer) throws IOException {
    Files.createFile(tell.resolve("end"));
    tracer.awaitEnd();
    assertThat(tracer.text()).matches("ready\nsaw \\d+\n");
  }

  @Test
  void seesNothingOfTheHostInAnExec() throws IOException {
    var tracer = tracer();
    for (int i = 0; i < STARTS; i++) {
      assertThat(TaskRuntimeIT.exec(tracer.task, "", "true")).isEqualTo("[0]");
    }
    end(tracer);
  }

  @Test
  void seesNothingOfTheHostInOneThatJoinsIt() throws IOException {
    var tracer = tracer();
    for (int i = 0; i < STARTS / 4; i++) {
      var joining = host.run("sh", "-c", "tty; kill -0 1; cat /proc/1/comm");
      joining.mounts = List.of(shown());
      joining.process = ProcessSpec.DEFAULT.withTty(i % 2 == 1);
      try (HeldProcess other = tracer.task.process().orElseThrow()) {
        joining.joined = new TaskSpec.Joined(other, null, null);
        joining.start();
      }
      assertThat(joining.awaitEnd().code()).as(joining.text()).isZero();
      String expected = i % 2 == 1 ? "/dev/pts/0\r\nsh\r\n" : "not a tty\nsh\n";
      assertThat(joining.text()).isEqualTo(expected);
    }
    end(tracer);
  }

  @Test
  void seesNoSocketOfItsInit() throws IOException {
    for (int i = 0; i < STARTS; i++) {
      var run = host.run("sh", "-c", "ls -l /proc/1/fd; echo $$");
      run.security = Security.DEFAULT.with().capAdd(List.of("SYS_PTRACE")).build();
      run.process = ProcessSpec.DEFAULT.withInit(true);
      assertThat(run.output()).contains("/dev/null", "pipe:").doesNotContain("socket:");
    }
  }
}
