package io.jcompose.registry.http;

/** What clients may cost. */
final class Limits {
  static final int CONNECTIONS = 1000;

  /** Requests that are being answered; as many more wait in their connections. */
  static final int REQUESTS = 600;

  /** Requests whose bodies are read at once, for each has some memory. */
  static final int BODIES = 64;

  static final int LINE_BYTES = 4096;
  static final int HEADER_BYTES = 16 << 10;
  static final int CHUNK_BYTES = 64 << 10;

  /** Chunks of a body that wait to be read. */
  static final int CHUNKS = 4;

  /** How long a connection may go without a request head. */
  static final long HEAD_MILLIS = 30_000;

  /** How long a connection may stand still; of a file, what the kernel takes at once goes by. */
  static final int IDLE_SECONDS = 120;

  /** What each answer has in memory of what comes by and by, twice. */
  static final int STREAM_BYTES = 16 << 10;

  /** What a client must take, in that time, of what comes by and by. */
  static final long READ_BYTES = 1 << 20;

  /** What a body must bring in each {@link #BODY_MILLIS}. */
  static final long BODY_BYTES = 32 << 10;

  static final long BODY_MILLIS = 30_000;

  /** What it must bring in each {@link #WANTED_MILLIS} while others wait for a turn. */
  static final long WANTED_BYTES = 256 << 10;

  static final long WANTED_MILLIS = 5_000;

  /** How long a refused body may go on coming. */
  static final long DRAIN_MILLIS = 10_000;

  private Limits() {}
}
