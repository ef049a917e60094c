package io.jcompose.network.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private static final long LIMIT_SECONDS = 60;

  private final EventLoop loop = new EventLoop("test-loop");

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void aTaskThatComesWhileDescriptorsAreGivenBackIsRun() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    Pipe pipe = Pipe.open();
    loop.register(
        pipe.source(),
        SelectionKey.OP_READ,
        key -> {
          EventLoop.close(pipe.source());
          loop.execute(ran::countDown);
        });

    // the source is ready when the loop selects for the release, with no wake-up to follow
    loop.release(() -> write(pipe));

    assertThat(ran.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    pipe.sink().close();
  }

  @Test
  void noReleaseOfManyIsForgotten() throws Exception {
    int each = 2000;
    int threads = 8;
    AtomicInteger released = new AtomicInteger();
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int j = 0; j < each; j++) {
                      CountDownLatch closed = new CountDownLatch(1);
                      loop.release(closed::countDown);
                      released.addAndGet(closed.getCount() == 0 ? 1 : 0);
                    }
                  }));
    }

    for (Thread thread : all) {
      assertThat(thread.join(Duration.ofSeconds(LIMIT_SECONDS))).isTrue();
    }

    assertThat(released).hasValue(threads * each);
  }

  @Test
  void aTaskThatFailsCostsNoOther() throws Exception {
    CountDownLatch ran = new CountDownLatch(2);
    CountDownLatch begin = new CountDownLatch(1);
    loop.execute(
        () -> {
          await(begin);
          loop.after(0, EventLoopTest::fail);
          loop.after(0, ran::countDown);
        });
    loop.execute(EventLoopTest::fail);
    loop.execute(ran::countDown);
    begin.countDown();

    assertThat(ran.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aReleaseThatFailsIsWaitedForNoLonger() {
    long begin = System.nanoTime();

    // each would be waited for two seconds
    for (int i = 0; i < 20; i++) {
      loop.release(EventLoopTest::fail);
    }

    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  private static void fail() {
    throw new IllegalStateException("for the test");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(Pipe pipe) {
    try {
      pipe.sink().write(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
