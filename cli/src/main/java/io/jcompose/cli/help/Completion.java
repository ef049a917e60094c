package io.jcompose.cli.help;

import java.util.List;

/**
 * Scripts that complete commands, options, and the services of the compose file. All shells'
 * scripts are made from the model that parses the command line.
 */
public final class Completion {
  /** In the order of the help. */
  public static final List<String> SHELLS = List.of("bash", "zsh", "fish");

  private Completion() {}

  /**
   * @param shell one of {@link #SHELLS}
   */
  public static String script(String shell) {
    return switch (shell) {
      case "bash" -> BashCompletion.script();
      case "zsh" -> ZshCompletion.script();
      case "fish" -> FishCompletion.script();
      default -> throw new IllegalArgumentException(shell);
    };
  }
}
