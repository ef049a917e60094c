package io.jcompose.cli.view;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.terminal.CommandFailure;

/** Makes the view of progress that a command line wants. */
public final class ProgressViews {
  private ProgressViews() {}

  /** The view for output that other lines come between. */
  public static ProgressView lines(Invocation invocation) {
    return invocation.progress().equals("tty") ? new LineProgress(false) : of(invocation, "");
  }

  /** The view for {@code tty}, {@code plain}, {@code json} or {@code quiet}. */
  public static ProgressView of(Invocation invocation, String title) {
    String kind = invocation.has("quiet") ? "quiet" : invocation.progress();
    ProgressView view = of(kind, invocation, title);
    return kind.equals("quiet") || invocation.has("quiet-build") ? new QuietBuilds(view) : view;
  }

  private static ProgressView of(String kind, Invocation invocation, String title) {
    switch (kind) {
      case "tty":
        return new TtyProgress(title, invocation.hasColour(2));
      case "json":
        return new LineProgress(true);
      case "quiet":
        return new QuietProgress(new LineProgress(false));
      case "plain":
        return new LineProgress(false);
      default:
        throw new CommandFailure("unsupported --progress value \"" + kind + "\"", 1);
    }
  }
}
