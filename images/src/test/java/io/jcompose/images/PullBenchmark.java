package io.jcompose.images;

import io.jcompose.core.Progress;
import io.jcompose.images.registry.RegistryConfig;
import java.nio.file.Path;
import java.util.List;

/** Pulls images by hand: {@code PullBenchmark <dir> <reference>…}; prints wall seconds. */
public final class PullBenchmark {
  private PullBenchmark() {}

  public static void main(String[] args) {
    boolean loud = Boolean.getBoolean("loud");
    long opened = System.nanoTime();
    try (ImageStore store =
        ImageStore.open(
            Path.of(args[0], "images"),
            Path.of(args[0], "containers"),
            RegistryConfig.defaults(),
            id -> List.of())) {
      System.out.printf("open %.3f s%n", (System.nanoTime() - opened) / 1e9);
      for (int i = 1; i < args.length; i++) {
        long start = System.nanoTime();
        Progress progress = loud ? System.out::println : Progress.NONE;
        var image = store.pull(args[i], "", progress);
        System.out.printf(
            "%s %.3f s, %d bytes %s%n",
            args[i], (System.nanoTime() - start) / 1e9, image.sizeBytes(), image.id());
      }
    }
    System.out.printf("after close %.3f s%n", (System.nanoTime() - opened) / 1e9);
  }
}
