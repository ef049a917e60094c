package io.jcompose.runtime.shim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/** The frames between engine and shim, by their numbers: docs/developers/shim-protocol.md. */
public final class Frames {
  public static final int PLAN = 1;
  public static final int WATCH = 2;
  public static final int ATTACH = 3;
  public static final int EXEC = 4;
  public static final int STDIN = 5;
  public static final int STDIN_CLOSE = 6;
  public static final int RESIZE = 7;
  public static final int SIGNAL = 8;
  public static final int META = 9;
  public static final int LOG_PACKED = 10;
  public static final int NAMESPACES = 11;
  public static final int STARTED = 65;
  public static final int FAILED = 66;
  static final int OUT = 67;
  public static final int EXIT = 68;
  public static final int META_IS = 69;
  static final int LOG_ROTATED = 70;

  /** Argument of EXEC: closing the connection kills what the program has started too. */
  public static final int WHOLE_TREE = 1;

  /** The first version of the frames in which there is LOG_PACKED. */
  public static final int VERSION_OF_PACKING = 2;

  /** The first version that takes an EXEC of more than {@link #MAX_FRAME} bytes. */
  public static final int VERSION_OF_LONG_EXECS = 3;

  /** The first version whose plans are calls of the kernel, and of which users are numbers. */
  public static final int VERSION_OF_CALLS = 4;

  public static final int MAX_FRAME = 256 * 1024;

  /** What an EXEC has, and its template in META_IS: shim.h, PLAN_MAX. */
  static final int MAX_PLAN = 8 * 1024 * 1024;

  private Frames() {}

  /** The payload of RESIZE. */
  public static byte[] size(int rows, int columns) {
    return ByteBuffer.allocate(2 * Short.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) rows)
        .putShort((short) columns)
        .array();
  }

  /** A time as frames have it, in nanoseconds since 1970. */
  public static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / 1_000_000_000L, nanos % 1_000_000_000L);
  }
}
