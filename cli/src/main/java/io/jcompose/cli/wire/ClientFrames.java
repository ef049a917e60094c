package io.jcompose.cli.wire;

/**
 * Frames from the engine to the client program, beside standard output (1) and error (2); their
 * numbers stand in {@code client.c} too. Formats: docs/developers/client-protocol.md.
 */
public final class ClientFrames {
  /** From now on standard input is sent. */
  public static final int WANT_INPUT = 16;

  /** The terminal's mode: {@code r} raw, {@code s} without echo, {@code n} as it was. */
  public static final int MODE = 17;

  /** Numbers of signals that are sent to the command instead of ending the client. */
  public static final int TAKES_SIGNALS = 18;

  /** The exit code. */
  public static final int EXIT = 19;

  /** The client shall carry the command out by itself. */
  public static final int YOURSELF = 20;

  /** A line of a log, with its place. */
  public static final int LINE = 21;

  /** Nothing, to see whether the client is there. */
  public static final int NOTHING = 22;

  private ClientFrames() {}
}
