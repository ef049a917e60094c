package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.IdMap;
import io.jcompose.runtime.security.AppArmor;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks on a machine with AppArmor. */
class AppArmorIT {
  private static final String ACTS =
      """
      cat /proc/self/attr/current; mount -t tmpfs own /tmp && echo mounted
      kill -0 1 && echo signalled; true\
      """;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void confinesAProgramItsExecsAndNothingElse(boolean mapped) throws IOException {
    assumeTrue(
        AppArmor.HERE.profile("", false).equals(AppArmor.OWN), "no AppArmor, or no parser of it");
    try (TestHost host = new TestHost()) {
      var run = host.run("sh", "-c", "(" + ACTS + ") 2>&1; echo ready; sleep 1000");
      run.security = security(List.of());
      run.ids = mapped ? UserNamespaceIT.IDS : IdMap.HOST;
      run.start();
      host.await("the program", () -> run.text().contains("ready"));
      String confined = AppArmor.OWN + " (enforce)\n";
      assertThat(run.text()).startsWith(confined).contains("signalled").doesNotContain("mounted");
      String exec = TaskRuntimeIT.exec(run.task, "", "sh", "-c", "(" + ACTS + ") 2>&1");
      assertThat(exec).startsWith(confined).contains("signalled").doesNotContain("mounted");
      run.task.killAll();
      run.awaitEnd();
      var free = host.run("sh", "-c", ACTS);
      free.ids = run.ids;
      free.security = security(List.of("apparmor=unconfined"));
      assertThat(free.output()).startsWith("unconfined\n").contains("mounted");
    }
  }

  /** Enough for a mount, if it were not for AppArmor. */
  private static Security security(List<String> options) {
    return Security.DEFAULT.with().capAdd(List.of("SYS_ADMIN")).securityOpt(options).build();
  }
}
