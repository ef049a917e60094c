package io.jcompose.network.thread;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for many channels and calls the handler of each that is ready. Handlers,
 * tasks and alarms run on it one after the other and never block. Owned by who opened it.
 */
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final long RELEASE_LIMIT_SECONDS = 2;
  private static final long AFTER_FAULT_NANOS = 100_000_000;

  private final String name;
  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** Soonest first; owned by the thread. */
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparingLong((Alarm alarm) -> alarm.nanos));

  /** Who waits for descriptors to be given back; owned by the thread. */
  private final List<CountDownLatch> releases = new ArrayList<>();

  public EventLoop(String name) {
    this.name = name;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to open a selector", e);
    }
    thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** Waits for operations on a channel from now on, until it is closed. Any thread. */
  public SelectionKey register(SelectableChannel channel, int operations, Handler handler)
      throws IOException {
    channel.configureBlocking(false);
    try {
      return channel.register(selector, operations, handler);
    } catch (ClosedSelectorException e) {
      throw new IOException(name + " has ended", e);
    } finally {
      wakeUp();
    }
  }

  /** Runs a task on the thread, soon. Any thread; lost when the loop has ended. */
  public void execute(Runnable task) {
    tasks.add(task);
    wakeUp();
  }

  /** Runs an action later. The thread only. */
  public Alarm after(long millis, Runnable action) {
    Alarm alarm = new Alarm(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), action);
    alarms.add(alarm);
    return alarm;
  }

  /**
   * Runs what closes channels and waits until their descriptors are given back, so that ports are
   * free and namespaces can go: a channel's descriptor outlives its closing until the selector has
   * seen it. Any thread but the loop's own.
   */
  public void release(Runnable closing) {
    CountDownLatch done = new CountDownLatch(1);
    execute(
        () -> {
          releases.add(done);
          closing.run();
        });
    if (!thread.isAlive()) {
      closing.run();
      return;
    }
    try {
      if (!done.await(RELEASE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("{} has not given descriptors back in {} s", name, RELEASE_LIMIT_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the thread; what is registered is for its owners to close. */
  @Override
  public void close() {
    try {
      selector.close();
      thread.join(TimeUnit.SECONDS.toMillis(RELEASE_LIMIT_SECONDS));
    } catch (IOException e) {
      LOG.debug("closing the selector of {} failed", name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wakeUp() {
    if (!Thread.currentThread().equals(thread)) {
      selector.wakeup();
    }
  }

  private void run() {
    while (selector.isOpen()) {
      try {
        turn();
      } catch (ClosedSelectorException e) {
        return;
      } catch (IOException | RuntimeException | Error e) {
        // its end would be that of all names, or of all relays
        LOG.warn("{} goes on after an error", name, e);
        LockSupport.parkNanos(AFTER_FAULT_NANOS);
      }
    }
  }

  private void turn() throws IOException {
    Alarm next = alarms.peek();
    long nanos = next == null ? 0 : next.nanos - System.nanoTime();
    if (!tasks.isEmpty() || (next != null && nanos <= 0)) {
      // the wake-up for a task may be used up by now: by the select of a release, or for it came
      // from this thread there was none
      selector.selectNow(EventLoop::serve);
    } else if (next == null) {
      selector.select(EventLoop::serve);
    } else {
      selector.select(EventLoop::serve, nanos / 1_000_000 + 1);
    }
    Runnable task = tasks.poll();
    while (task != null) {
      attempt(task);
      task = tasks.poll();
    }
    ring();
    if (!releases.isEmpty()) {
      try {
        selector.selectNow(EventLoop::serve);
      } finally {
        releases.forEach(CountDownLatch::countDown);
        releases.clear();
      }
    }
  }

  /** One fault costs neither the other tasks nor those who wait for a release. */
  private void attempt(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      LOG.error("{} goes on after an error of a task", name, e);
    }
  }

  private void ring() {
    long now = System.nanoTime();
    Alarm next = alarms.peek();
    while (next != null && next.nanos - now <= 0) {
      alarms.poll();
      attempt(next.action);
      next = alarms.peek();
    }
  }

  /** A fault of a handler costs its channel: it would be called again at once, for ever. */
  private static void serve(SelectionKey key) {
    try {
      ((Handler) key.attachment()).ready(key);
    } catch (CancelledKeyException e) {
      LOG.trace("a channel was closed meanwhile", e);
    } catch (RuntimeException | Error e) {
      LOG.error("a channel is closed after an error", e);
      close(key.channel());
    }
  }

  /** Closes a channel and goes on. */
  public static void close(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      LOG.debug("closing a channel failed", e);
    }
  }

  /** Called on the loop's thread when its channel is ready. */
  public interface Handler {
    void ready(SelectionKey key);
  }

  /** An action at a time. */
  public final class Alarm {
    private final long nanos;
    private final Runnable action;

    private Alarm(long nanos, Runnable action) {
      this.nanos = nanos;
      this.action = action;
    }

    /** The loop's thread only. */
    public void cancel() {
      alarms.remove(this);
    }
  }
}
