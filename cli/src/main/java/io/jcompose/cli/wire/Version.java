package io.jcompose.cli.wire;

/** The version of this program, which both ends of a connection by ssh tell each other. */
public final class Version {
  public static final String TEXT = "0.1.0";

  private Version() {}
}
