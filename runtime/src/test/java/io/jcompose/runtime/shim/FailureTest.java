package io.jcompose.runtime.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.plan.Op;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void wordsFailuresAsDocker() {
    assertThat(new Failure(9, Op.EXEC.code, 13, "file /x").toException("id"))
        .isInstanceOf(JcomposeException.CommandFailed.class)
        .hasMessage("exec: \"/x\": permission denied");
    assertThat(new Failure(9, Op.SYSCTL.code, 22, "set sysctl sys/net/x").toException("id"))
        .hasMessage(
            "failed to start id: set sysctl sys/net/x: EINVAL (Invalid argument) (step 9, SYSCTL)");
    assertThat(new Failure(9, Op.SYSCTL.code, 2, "set sysctl sys/net/x").toException("id"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith("failed to set sysctl sys/net/x: this kernel has none");
  }
}
