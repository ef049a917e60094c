package io.jcompose.network.link;

/**
 * A token bucket (man 8 tc-tbf) that holds an interface's sending to a rate.
 *
 * @param bits of TCP payload a second, as programs and people measure it
 */
public record RateLimit(long bits) {
  private static final int FRAME_BYTES = 1514;
  private static final int PAYLOAD_BYTES = 1448;
  private static final int SLOW_BURST_BYTES = 32 * 1024;
  private static final int FAST_BURST_BYTES = 64 * 1024;
  private static final long SLOW_BITS = 20_000_000;

  /** What the kernel counts: bytes of frames, headers included. */
  long bytesPerSecond() {
    return bits / 8 * FRAME_BYTES / PAYLOAD_BYTES;
  }

  /**
   * What may go at once. A bucket as large as the frames that offloading makes overshoots slow
   * limits; a small one starves fast ones between two ticks.
   */
  public int burstBytes() {
    int least = bits <= SLOW_BITS ? SLOW_BURST_BYTES : FAST_BURST_BYTES;
    return (int) Math.min(Integer.MAX_VALUE / 4, Math.max(least, bytesPerSecond() / 200));
  }

  /** What may wait: 50 ms of sending. */
  int queueBytes() {
    return (int)
        Math.min(Integer.MAX_VALUE / 2, burstBytes() + Math.max(bytesPerSecond() / 20, 3000));
  }
}
