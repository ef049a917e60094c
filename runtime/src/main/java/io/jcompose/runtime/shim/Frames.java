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
  public static final int NAMESPACES = 11;
  public static final int STARTED = 65;
  public static final int FAILED = 66;
  static final int OUT = 67;

  /** The end, as shims before {@link #VERSION_OF_ENDED} say it. */
  public static final int OLDER_EXIT = 68;

  public static final int META_IS = 69;
  static final int LOG_ROTATED = 70;
  public static final int ENDED = 71;

  /** Argument of EXEC in older shims: closing the connection kills all that was started. */
  public static final int OLDER_WHOLE = 1;

  /** Argument of ATTACH in older shims: the process waits for it, as it does for all now. */
  public static final int OLDER_LOSSLESS = 2;

  /** Where a packed log file lies, for shims that rename them. */
  public static final int OLDER_LOG_PACKED = 10;

  /** The first version that packs log files. */
  public static final int VERSION_OF_PACKING = 2;

  /** The first version that takes an EXEC of more than {@link #MAX_FRAME} bytes. */
  public static final int VERSION_OF_LONG_EXECS = 3;

  /** The first version whose plans are calls of the kernel, and of which users are numbers. */
  public static final int VERSION_OF_CALLS = 4;

  /**
   * The first version that says the end by its record, takes an EXEC's streams in its argument and
   * plans of version 3, and renames no log file again; and whose engine keeps what it needs.
   */
  public static final int VERSION_OF_ENDED = 5;

  /** The first version that leaves it to an EXEC's plan to enter the task's pid namespace. */
  public static final int VERSION_OF_PIDS = 6;

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
