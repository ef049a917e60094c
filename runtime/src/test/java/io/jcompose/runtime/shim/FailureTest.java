package io.jcompose.runtime.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.TaskPlan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void wordsFailuresAsDocker() {
    assertThat(new Failure(9, "EXEC", 13, "file /x").toException("id"))
        .isInstanceOf(JcomposeException.CommandFailed.class)
        .hasMessage("exec: \"/x\": permission denied");
    assertThat(new Failure(9, "SYSCTL", 22, "set sysctl sys/net/x").toException("id"))
        .hasMessage(
            "failed to start id: set sysctl sys/net/x: EINVAL (Invalid argument) (step 9, SYSCTL)");
    assertThat(new Failure(9, "SYSCTL", 2, "set sysctl sys/net/x").toException("id"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith("failed to set sysctl sys/net/x: this kernel has none");
  }

  private static ByteBuffer frame(int operation, int op, int errno, String text) {
    byte[] words = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(12 + words.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(operation)
        .putInt(op)
        .putInt(errno)
        .put(words)
        .flip();
  }

  /** The child's marker is the first operation of a plan without steps of the shim's. */
  @Test
  void findsTheWordsOfACallInItsPlan() {
    TaskPlan plan =
        new TaskPlan()
            .add(new Step.Hostname("h"))
            .add(new Step.Cwd("/w"))
            .add(new Step.Exec(false, List.of("x"), List.of()));
    assertThat(Failure.decode(frame(1, 10, 1, "call "), plan))
        .isEqualTo(new Failure(0, "HOSTNAME", 1, "sethostname h"));
    assertThat(Failure.decode(frame(2, 10, 2, "call "), plan).toException("id"))
        .isInstanceOf(JcomposeException.CommandFailed.class)
        .hasMessage("chdir to cwd /w: no such file or directory");
    assertThat(Failure.decode(frame(4, 14, 2, "check "), plan).what())
        .isEqualTo("cwd is outside of the container: /w");
    assertThat(Failure.decode(frame(6, 25, 2, "step "), plan).toException("id"))
        .hasMessage("exec: \"x\": executable file not found in $PATH");
  }

  @Test
  void theShimHasWordsOfItsOwn() {
    Failure launch = Failure.decode(frame(0, 0, 1, "clone3 into the cgroup of x"), new TaskPlan());
    assertThat(launch).isEqualTo(new Failure(0, "launch", 1, "clone3 into the cgroup of x"));
    Failure none = Failure.decode(frame(99, 10, 1, "call"), new TaskPlan());
    assertThat(none.step()).isEqualTo("launch");
    assertThat(Failure.ofOlder(frame(8, 33, 2, "chdir to cwd /w")).toException("id"))
        .hasMessage("chdir to cwd /w: no such file or directory");
  }
}
