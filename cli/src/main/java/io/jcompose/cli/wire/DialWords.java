package io.jcompose.cli.wire;

/** What the two ends of a connection by ssh say to each other before the engine is heard. */
public final class DialWords {
  /** The command that is run on the other host. */
  public static final String COMMAND = "dial-stdio";

  /** The number grows when an older command cannot go on; the version comes after it. */
  public static final String GREETING = "jcompose-dial 1 ";

  private DialWords() {}
}
