package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which limits are refused before anything is made. */
class LimitChecksTest {
  /**
   * Docker's rules, on a machine of two CPUs; the last value of each is the nearest allowed one.
   */
  @ParameterizedTest
  @CsvSource({
    "nanoCpus, -1, range of CPUs is from 0.01 to 2.00",
    "nanoCpus, 2000000001, range of CPUs is from 0.01 to 2.00",
    "nanoCpus, 2000000000, ''",
    "cpuPeriod, 999, CPU cfs period can not be less than 1ms",
    "cpuPeriod, 1000001, CPU cfs period can not be less than 1ms",
    "cpuPeriod, -1, CPU cfs period can not be less than 1ms",
    "cpuPeriod, 1000, ''",
    "cpuPeriod, 1000000, ''",
    "cpuQuota, 999, CPU cfs quota can not be less than 1ms",
    "cpuQuota, 1, CPU cfs quota can not be less than 1ms",
    "cpuQuota, 1000, ''",
    "cpuQuota, -1, ''",
    "memory, 6291455, Minimum memory limit allowed is 6MB",
    "memory, 6291456, ''",
    "swappiness, -2, invalid value: -2",
    "swappiness, 101, invalid value: 101",
    "swappiness, -1, ''",
    "swappiness, 100, ''",
    "oomScoreAdj, -1001, Invalid value -1001",
    "oomScoreAdj, 1001, Invalid value 1001",
    "oomScoreAdj, -1000, ''",
    "oomScoreAdj, 1000, ''",
    "blkioWeight, 9, range of blkio weight is from 10 to 1000",
    "blkioWeight, 1001, range of blkio weight is from 10 to 1000",
    "blkioWeight, 10, ''",
    "blkioWeight, 1000, ''"
  })
  void refusesLimitsThatCannotBe(String limit, long value, String problem) {
    check(one(limit, value), problem);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0, You should always set the Memory limit when using Memoryswap",
    "0, -1, 0, ''",
    "8388608, 8388607, 0, Minimum memoryswap limit should be larger than memory limit",
    "8388608, 8388608, 0, ''",
    "8388608, -1, 0, ''",
    "8388608, 0, 8388609, Minimum memory limit can not be less than memory reservation limit",
    "8388608, 0, 8388608, ''",
    "0, 0, 8388608, ''"
  })
  void refusesMemoryLimitsThatContradict(long memory, long swap, long reserved, String problem) {
    check(memory(memory, swap, reserved), problem);
  }

  @Test
  void refusesCpusBesideTheirPeriodOrQuota() {
    String problem = "CPUs cannot be set together with CPU period or CPU quota";
    check(cpu(1, 0, 1000), problem);
    check(cpu(1, 1000, 0), problem);
    check(cpu(0, 1000, 1000), "");
  }

  private static void check(Resources limits, String problem) {
    if (problem.isEmpty()) {
      CgroupPlan.check(limits, 2);
    } else {
      assertThatThrownBy(() -> CgroupPlan.check(limits, 2))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining(problem);
    }
  }

  static Resources cpu(long nano, long period, long quota) {
    return Resources.UNLIMITED
        .with()
        .nanoCpus(nano)
        .cpuPeriodMicros(period)
        .cpuQuotaMicros(quota)
        .build();
  }

  static Resources memory(long memory, long swap, long reserved) {
    return Resources.UNLIMITED
        .with()
        .memoryBytes(memory)
        .memorySwapBytes(swap)
        .memoryReservationBytes(reserved)
        .build();
  }

  static Resources one(String limit, long value) {
    int small = (int) value;
    return switch (limit) {
      case "nanoCpus" -> cpu(value, 0, 0);
      case "cpuPeriod" -> cpu(0, value, 0);
      case "cpuQuota" -> cpu(0, 0, value);
      case "memory" -> memory(value, 0, 0);
      default ->
          Resources.UNLIMITED
              .with()
              .memorySwappiness(limit.equals("swappiness") ? small : null)
              .oomScoreAdj(limit.equals("oomScoreAdj") ? small : 0)
              .pidsLimit(limit.equals("pids") ? value : 0)
              .blkioWeight(limit.equals("blkioWeight") ? small : 0)
              .build();
    };
  }
}
