package io.jcompose.cli.command;

import java.util.Map;
import java.util.Stack;
import java.util.function.Supplier;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Ends the command at an option that is recognised and not carried out. Immutable.
 *
 * @param why what its user can do, or why not
 * @param title what is typed to mean the command
 */
record Refusal(Supplier<String> title, String why) implements IParameterPreprocessor {
  /** What is thrown, so that it is told apart from what was typed wrong. */
  static final class Refused extends ParameterException {
    private static final long serialVersionUID = 1L;

    Refused(CommandSpec command, String message) {
      super(command.commandLine(), message);
    }
  }

  @Override
  @SuppressWarnings("JdkObsolete") // picocli's stack
  public boolean preprocess(
      Stack<String> words, CommandSpec model, ArgSpec option, Map<String, Object> facts) {
    throw new Refused(
        model, title.get() + ": " + Options.name(option) + " is not supported: " + why);
  }
}
