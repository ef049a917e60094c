package io.jcompose.images.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsTest {
  private static final int THREADS = 8;

  @TempDir Path images;

  @Test
  void manyContainersAtOnceGetOneLink() throws Exception {
    Files.createDirectories(images.resolve("l"));
    Snapshots snapshots = new Snapshots(images);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int round = 0; round < 500; round++) {
        String name = "%064x".formatted((long) round << 40 | 0xabcdeL);
        List<Callable<Path>> askers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          askers.add(
              () -> {
                start.await();
                return snapshots.link(name);
              });
        }
        for (Future<Path> link : threads.invokeAll(askers)) {
          assertThat(Files.readSymbolicLink(link.get()))
              .isEqualTo(Path.of("../snapshots", name, "fs"));
        }
      }
    }
    try (Stream<Path> links = Files.list(images.resolve("l"))) {
      assertThat(links.map(Path::toString))
          .hasSize(500)
          .noneMatch(name -> name.contains("damaged"));
    }
  }
}
