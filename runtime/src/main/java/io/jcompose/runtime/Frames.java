package io.jcompose.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/** The frames between engine and shim, by their numbers: docs/developers/shim-protocol.md. */
final class Frames {
  static final int PLAN = 1;
  static final int WATCH = 2;
  static final int ATTACH = 3;
  static final int EXEC = 4;
  static final int STDIN = 5;
  static final int STDIN_CLOSE = 6;
  static final int RESIZE = 7;
  static final int SIGNAL = 8;
  static final int META = 9;
  static final int LOG_PACKED = 10;
  static final int NAMESPACES = 11;
  static final int STARTED = 65;
  static final int FAILED = 66;
  static final int OUT = 67;
  static final int EXIT = 68;
  static final int META_IS = 69;
  static final int LOG_ROTATED = 70;

  /** Argument of EXEC: closing the connection kills what the program has started too. */
  static final int WHOLE_TREE = 1;

  /** The first version of the frames in which there is LOG_PACKED. */
  static final int VERSION_OF_PACKING = 2;

  /** The first version that takes an EXEC of more than {@link #MAX_FRAME} bytes. */
  static final int VERSION_OF_LONG_EXECS = 3;

  static final int MAX_FRAME = 256 * 1024;

  /** What an EXEC has, and its template in META_IS: shim.h, PLAN_MAX. */
  static final int MAX_PLAN = 8 * 1024 * 1024;

  private Frames() {}

  /** The payload of RESIZE. */
  static byte[] size(int rows, int columns) {
    return ByteBuffer.allocate(2 * Short.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) rows)
        .putShort((short) columns)
        .array();
  }

  /** A time as frames have it, in nanoseconds since 1970. */
  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / 1_000_000_000L, nanos % 1_000_000_000L);
  }
}
