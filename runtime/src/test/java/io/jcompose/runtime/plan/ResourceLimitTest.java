package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceLimitTest {
  /** As in the kernel's include/uapi/asm-generic/resource.h. */
  @ParameterizedTest
  @CsvSource({
    "0, CPU",
    "1, FSIZE",
    "2, DATA",
    "3, STACK",
    "4, CORE",
    "5, RSS",
    "6, NPROC",
    "7, NOFILE",
    "8, MEMLOCK",
    "9, AS",
    "10, LOCKS",
    "11, SIGPENDING",
    "12, MSGQUEUE",
    "13, NICE",
    "14, RTPRIO",
    "15, RTTIME",
  })
  void eachLimitHasTheKernelsNumber(int number, String name) {
    assertThat(new ResourceLimit(number, 0, 0, false).name()).isEqualTo(name);
  }
}
