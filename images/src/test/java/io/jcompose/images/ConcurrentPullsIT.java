package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Pulls, removals and prunes of the same content at the same time. */
class ConcurrentPullsIT extends StoreUnderTest {
  private static final long LIMIT_SECONDS = 120;

  @Test
  void pullsOneImageUnderSeveralNamesAtOnce() throws Exception {
    byte[] base = tar("base/file", noise(1, 3000));
    for (int round = 0; round < 100; round++) {
      byte[] top = tar("top/" + round, noise(round, 500));
      for (String tag : List.of("16", "16.4", "latest")) {
        registry.image("app", tag + "-" + round, "amd64", base, top);
      }
      String repository = "app:";
      List<String> names = new ArrayList<>();
      for (String tag : List.of("16", "16.4", "latest")) {
        names.add(repository + tag + "-" + round);
      }
      for (ImageView image : all(names)) {
        assertThat(store.layers(image.id())).allMatch(path -> path.toFile().isDirectory());
      }
      store.prune(true);
    }
  }

  /** Each has the shared layer on another one, and so for itself, whoever is the first with it. */
  @Test
  void pullsLayersThatAreFittedAtOnce() throws Exception {
    for (int round = 0; round < 20; round++) {
      byte[] shared = tar("implied/deep/file", noise(100 + round, 3000));
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        registry.image("app" + i, "" + round, "amd64", tar("own" + i, noise(i, 100)), shared);
        names.add("app" + i + ":" + round);
      }
      all(names);
      assertThat(names("snapshots")).hasSize(16).noneMatch(name -> name.startsWith("."));
      store.prune(true);
    }
  }

  @Test
  void prunesTakeNothingOfAPullUnderWay() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> prunes =
          pool.submit(
              () -> {
                while (!done.get()) {
                  store.prune(false);
                }
              });
      try {
        for (int round = 0; round < 40; round++) {
          byte[] shared = tar("implied/file", noise(round, 2000));
          registry.image("a", "" + round, "amd64", tar("a", noise(round, 9)), shared);
          registry.image("b", "" + round, "amd64", tar("b", noise(-round, 9)), shared);
          for (ImageView image : all(List.of("a:" + round, "b:" + round))) {
            assertThat(store.layers(image.id())).allMatch(path -> path.toFile().isDirectory());
          }
        }
      } finally {
        done.set(true);
      }
      prunes.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(store.list()).hasSize(80);
  }

  @Test
  void endsAPullThatNobodyWaitsForAnyMore() throws Exception {
    registry.image("slow", "1", "amd64", tar("file", noise(1, 200_000)));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    registry.fault =
        (exchange, path, content) -> {
          if (!path.contains("/blobs/") || content.length < 100_000) {
            return false;
          }
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 5000);
          exchange.getResponseBody().flush();
          asked.countDown();
          await(go);
          exchange.getResponseBody().write(content, 5000, content.length - 5000);
          return true;
        };
    AtomicReference<Throwable> first = new AtomicReference<>();
    AtomicReference<Throwable> second = new AtomicReference<>();
    Thread one = Thread.startVirtualThread(() -> catching(first));
    assertThat(asked.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    Thread two = Thread.startVirtualThread(() -> catching(second));
    for (Thread waiting : List.of(one, two)) {
      waiting.interrupt();
      waiting.join();
    }
    assertThat(first.get()).isInstanceOf(JcomposeException.Cancelled.class);
    assertThat(second.get()).isInstanceOf(JcomposeException.Cancelled.class);
    go.countDown();
    registry.fault = (exchange, path, content) -> false;
    assertThat(pull("slow:1").sizeBytes()).isEqualTo(200_000);
  }

  @Test
  void aPullGoesOnForThoseWhoStillWait() throws Exception {
    registry.image("slow", "1", "amd64", tar("file", noise(1, 200_000)));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    registry.fault =
        (exchange, path, content) -> {
          if (path.contains("/manifests/")) {
            asked.countDown();
            await(go);
          }
          return false;
        };
    AtomicReference<Throwable> first = new AtomicReference<>();
    AtomicReference<Throwable> second = new AtomicReference<>();
    CountDownLatch joined = new CountDownLatch(1);
    Thread one = Thread.startVirtualThread(() -> catching(first));
    assertThat(asked.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    Thread two =
        Thread.startVirtualThread(
            () -> {
              joined.countDown();
              catching(second);
            });
    joined.await();
    while (two.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    one.interrupt();
    one.join();
    go.countDown();
    two.join();
    assertThat(first.get()).isInstanceOf(JcomposeException.Cancelled.class);
    assertThat(second.get()).isNull();
    assertThat(registry.count("HEAD ")).isEqualTo(1);
  }

  @Test
  void closingTheStoreEndsPulls() throws Exception {
    registry.image("slow", "1", "amd64", tar("file", noise(1, 200_000)));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    registry.fault =
        (exchange, path, content) -> {
          asked.countDown();
          await(go);
          return false;
        };
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread one = Thread.startVirtualThread(() -> catching(failure));
    assertThat(asked.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    store.close();
    one.join();
    go.countDown();
    assertThat(failure.get()).isInstanceOf(JcomposeException.class);
    assertThatThrownBy(() -> store.find("slow").orElseThrow())
        .isInstanceOf(NoSuchElementException.class);
  }

  private void catching(AtomicReference<Throwable> failure) {
    try {
      store.pull(registry.host() + "/slow:1", "", Progress.NONE);
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<ImageView> all(List<String> names) throws Exception {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<ImageView>> pulls =
          names.stream().map(name -> pool.submit(() -> pull(name))).toList();
      List<ImageView> images = new ArrayList<>();
      for (Future<ImageView> pull : pulls) {
        images.add(pull.get(LIMIT_SECONDS, TimeUnit.SECONDS));
      }
      return images;
    }
  }
}
