package io.jcompose.cli.engine;

import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client's standard input, for which it is asked when somebody reads. One thread reads, another
 * adds, and waits while a frame is not taken yet.
 */
final class ClientInput extends InputStream {
  private static final byte[] END = {};

  private final Runnable ask;
  private final Runnable look;
  private final BlockingQueue<byte[]> frames = new ArrayBlockingQueue<>(1);
  private byte[] frame = {};
  private int next;
  private boolean asked;
  private volatile boolean ended;
  private boolean over; // the adder's: the client said that there is no more

  /**
   * @param ask called once
   * @param look called each second while input waits for the command: whether the client is there,
   *     which nobody sees who does not read
   */
  ClientInput(Runnable ask, Runnable look) {
    this.ask = ask;
    this.look = look;
  }

  /** Adds a frame; an empty one is the end, and what comes after that is dropped. */
  void add(byte[] bytes) throws InterruptedException {
    if (over) {
      return;
    }
    over = bytes.length == 0;
    while (!ended && !frames.offer(bytes, 1, TimeUnit.SECONDS)) {
      look.run();
    }
  }

  /** The client has gone: what was not read is dropped. */
  void end() {
    ended = true;
    frames.clear();
    frames.offer(END);
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    if (!asked) {
      asked = true;
      ask.run();
    }
    try {
      if (next == frame.length && !ended) {
        frame = frames.take();
        next = 0;
        ended |= frame.length == 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = true;
    }
    if (next == frame.length) {
      return -1;
    }
    int count = Math.min(length, frame.length - next);
    System.arraycopy(frame, next, target, offset, count);
    next += count;
    return count;
  }
}
