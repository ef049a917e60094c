package io.jcompose.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DescriptorLimitTest {
  @Test
  void isRaisedAndNeverLowered() throws IOException {
    long before = current();
    assertThat(DescriptorLimit.raise(16)).isEqualTo(before);
    assertThat(DescriptorLimit.raise(before + 1))
        .isBetween(before, before + 1)
        .isEqualTo(current());
    assertThat(DescriptorLimit.now()).isEqualTo(current());
    assertThat(DescriptorLimit.most()).isGreaterThan(1000);
  }

  private static long current() throws IOException {
    try (Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
      String line =
          limits.filter(each -> each.startsWith("Max open files")).findFirst().orElseThrow();
      return Long.parseLong(line.split("\\s+")[3]);
    }
  }
}
