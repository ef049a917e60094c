package io.jcompose.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StuckProcessTest {
  @Test
  @Timeout(60)
  void namesAParentThatWasStopped() throws Exception {
    Process parent =
        new ProcessBuilder("sh", "-c", "sleep 1000 >/dev/null & echo $!; wait").start();
    try (BufferedReader output = parent.inputReader(StandardCharsets.UTF_8)) {
      long child = Long.parseLong(String.valueOf(output.readLine()));
      try {
        assertThat(StuckProcess.why(child)).isEqualTo("a process of it hangs in the kernel");
        signal("-STOP", parent.pid());
        while (StuckProcess.why(child).startsWith("a process")) {
          Thread.onSpinWait(); // the state follows the signal in its own time
        }
        assertThat(StuckProcess.why(child)).contains("`kill -CONT " + parent.pid() + "`");
      } finally {
        signal("-KILL", child);
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void knowsNothingOfWhatIsGone() {
    assertThat(StuckProcess.why(Long.MAX_VALUE)).isEqualTo("a process of it hangs in the kernel");
  }

  private static void signal(String signal, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", signal, String.valueOf(pid)).start().waitFor()).isZero();
  }
}
