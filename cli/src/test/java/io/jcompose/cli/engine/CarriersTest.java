package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CarriersTest {
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void allAreThereThoughNothingIsToBeDone() throws Exception {
    while (carriers() < Carriers.count()) { // a busy machine may take longer than the limit
      Carriers.makeAll();
      Thread.sleep(100);
    }
    Carriers.touch();
    assertThat(carriers()).isGreaterThanOrEqualTo(Carriers.count());
  }

  private static long carriers() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(CarriersTest::isCarrier).count();
    }
  }

  private static boolean isCarrier(Path task) {
    try {
      return Files.readString(task.resolve("comm")).startsWith("ForkJoinPool-1-");
    } catch (IOException e) {
      return false; // it has just ended
    }
  }
}
