package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A registry that sends a byte now and then, beside one that does not. */
@Timeout(120)
class SlowRegistriesIT extends StoreUnderTest {
  private static final int SIZE = 100_000;
  private static final int LAYERS = 8; // more than are unpacked at a time

  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch dripping = new CountDownLatch(3);
  private final List<Thread> pulls = new ArrayList<>();
  private FaultyRegistry slow;

  @BeforeEach
  void begin() throws Exception {
    slow = new FaultyRegistry();
    slow.fault =
        (exchange, path, content) -> {
          if (!path.contains("/blobs/") || content.length < SIZE) {
            return false;
          }
          exchange.sendResponseHeaders(200, content.length);
          for (int at = 0; at < content.length && over.getCount() > 0; at++) {
            exchange.getResponseBody().write(content, at, 1);
            exchange.getResponseBody().flush();
            if (at == 3) {
              dripping.countDown();
            }
            pause();
          }
          return true;
        };
  }

  @AfterEach
  void end() throws Exception {
    pulls.forEach(Thread::interrupt);
    over.countDown();
    for (Thread pull : pulls) {
      pull.join();
    }
    slow.close();
  }

  @Test
  void keepItsLayersFromNobodyElse() throws Exception {
    for (int i = 0; i < LAYERS; i++) {
      slow.image("slow" + i, "1", "amd64", tar("file", noise(i, SIZE)));
      pullSlow("slow" + i);
    }
    dripping.await();
    registry.image("app", "1", "amd64", tar("a", noise(21, SIZE)), tar("b", noise(22, SIZE)));
    assertThat(pull("app:1").sizeBytes()).isEqualTo(2 * SIZE);
  }

  @Test
  void holdTheSameLayerOfAnotherRegistryFromNobody() throws Exception {
    byte[] layer = tar("file", noise(1, SIZE));
    for (int i = 0; i < 3; i++) {
      slow.image("slow" + i, "1", "amd64", layer, tar("own", noise(i, SIZE + 9)));
      pullSlow("slow" + i);
    }
    dripping.await();
    registry.image("app", "1", "amd64", layer);
    assertThat(pull("app:1").sizeBytes()).isEqualTo(SIZE);
  }

  private void pullSlow(String name) {
    Thread pull =
        Thread.startVirtualThread(
            () -> {
              try {
                store.pull(slow.host() + "/" + name + ":1", "", Progress.NONE);
              } catch (JcomposeException e) {
                assertThat(e).isNotNull(); // it was given up
              }
            });
    pulls.add(pull);
  }

  private void pause() {
    try {
      over.await(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
