package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.runtime.plan.ResourceLimit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostLimitsTest {
  private static final String LIMITS =
      """
      Limit                     Soft Limit           Hard Limit           Units
      Max cpu time              unlimited            unlimited            seconds
      Max processes             95000                95000                processes
      Max open files            1024                 20000                files
      """;

  private static HostLimits limits(String capabilities) {
    return HostLimits.parse(
        LIMITS, "Name:\tjava\nCapEff:\t" + capabilities + "\nSeccomp:\t0\n", 1048576);
  }

  @Test
  void whoMayNotRaiseLimitsGivesNoMoreThanItHas() {
    HostLimits limits = limits("00000000a80425fb");
    assertThatCode(() -> limits.require("nofile", 20000)).doesNotThrowAnyException();
    assertThatCode(() -> limits.require("cpu", -1)).doesNotThrowAnyException();
    assertThatThrownBy(() -> limits.require("nofile", 40000))
        .hasMessage(
            "ulimits.nofile: 40000 is more than the 20000 that this machine allows (the engine's own"
                + " limit, LimitNOFILE= of its unit, as it may not raise any)");
    assertThatThrownBy(() -> limits.require("nproc", -1))
        .hasMessageStartingWith("ulimits.nproc: unlimited is more than the 95000");
  }

  @Test
  void nobodyOpensMoreFilesThanTheKernelAllows() {
    HostLimits limits = limits("000001ffffffffff");
    assertThatCode(() -> limits.require("nproc", -1)).doesNotThrowAnyException();
    assertThatCode(() -> limits.require("nofile", 1048576)).doesNotThrowAnyException();
    assertThatThrownBy(() -> limits.require("nofile", 1048577))
        .hasMessage(
            "ulimits.nofile: 1048577 is more than the 1048576 that this machine allows (sysctl"
                + " fs.nr_open)");
  }

  @Test
  void aDefaultGivesWayToAMachineThatAllowsLess() {
    HostLimits limits = limits("000001ffffffffff");
    ResourceLimit files = new ResourceLimit(7, 1024, 524288, true);
    assertThat(limits.resolve(files)).isEqualTo(new ResourceLimit(7, 1024, 20000, true));
    ResourceLimit both = new ResourceLimit(7, 30000, -1, true);
    assertThat(limits.resolve(both)).isEqualTo(new ResourceLimit(7, 20000, 20000, true));
    ResourceLimit wanted = new ResourceLimit(7, 1024, 524288, false);
    assertThat(limits.resolve(wanted)).isEqualTo(wanted);
    ResourceLimit seconds = new ResourceLimit(0, 5, -1, true);
    assertThat(limits.resolve(seconds)).isEqualTo(seconds);
  }

  /** The soft limit stays, for the rest of the plan needs what it allows. */
  @Test
  void roomIsMadeForHigherHardLimits() {
    HostLimits limits = limits("000001ffffffffff");
    assertThat(limits.raised(new ResourceLimit(7, 10, 30000, false)))
        .contains(new ResourceLimit(7, 1024, 30000, false));
    assertThat(limits.raised(new ResourceLimit(7, 10, 20000, false))).isEmpty();
    assertThat(limits.raised(new ResourceLimit(7, 10, 30000, true))).isEmpty();
    assertThat(limits.raised(new ResourceLimit(0, 10, -1, false))).isEmpty();
  }

  @Test
  void thisMachineCanBeRead() {
    assertThatCode(() -> HostLimits.here().require("core", 0)).doesNotThrowAnyException();
    assertThat(HostLimits.here().mostFiles()).isGreaterThan(1000);
    assertThatCode(() -> new HostLimits(Map.of(), Map.of(), false, 10).require("cpu", 5))
        .doesNotThrowAnyException();
  }
}
