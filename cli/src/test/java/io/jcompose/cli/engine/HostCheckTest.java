package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class HostCheckTest {
  private static String status(int uid, String capabilities) {
    return "Name:\tjava\nUid:\t0\t" + uid + "\t0\t0\nCapEff:\t" + capabilities + "\nSeccomp:\t0\n";
  }

  @Test
  void rootWithAllRightsMayStart() {
    assertThatCode(() -> HostCheck.requireRights(status(0, "000001ffffffffff")))
        .doesNotThrowAnyException();
  }

  @Test
  void othersAreToldToBeRoot() {
    assertThatThrownBy(() -> HostCheck.requireRights(status(1000, "0000000000000000")))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("use sudo");
  }

  @Test
  void anOrdinaryContainerIsToldWhatItLacksInOneSentence() {
    // what docker run gives
    assertThatThrownBy(() -> HostCheck.requireRights(status(0, "00000000a80425fb")))
        .isInstanceOf(CommandFailure.class)
        .hasMessage(
            "the engine cannot start: root has not CAP_NET_ADMIN and CAP_SYS_ADMIN here, as in a"
                + " container: run the container privileged (--privileged), or the engine on the host");
  }

  @Test
  void errorsOfTheKernelGetWhatIsLikelyBehindThem() {
    assertThat(HostCheck.explain(new IOException("netlink find chain x: EPERM (Operation …)")))
        .contains("--privileged");
    assertThat(HostCheck.explain(new IOException("netlink add link: EOPNOTSUPP (…)")))
        .contains("modprobe");
    assertThat(HostCheck.explain(new IllegalStateException("odd", new IOException("why"))))
        .startsWith("odd: why; with \"log-level\"");
  }

  @Test
  void theEngineRunsAsRootOnly() {
    assertThatCode(() -> HostCheck.requireRights("Name:\tx\nUid:\t1000\t0\t0\t0\n"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> HostCheck.requireRights("Uid:\t0\t1000\t0\t0\nGid:\t0\t0\t0\t0\n"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("needs root");
  }
}
