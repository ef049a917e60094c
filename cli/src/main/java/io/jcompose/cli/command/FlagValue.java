package io.jcompose.cli.command;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Gives a flag its value as Docker's command line takes it, {@code --rm=false} or {@code -d=1}: by
 * the sign alone. Without this the word after a flag, a service called {@code true}, would be one.
 */
final class FlagValue implements IParameterPreprocessor {
  static final FlagValue INSTANCE = new FlagValue();

  /** picocli's key for what stood between an option and its value. */
  private static final String BETWEEN = "separator";

  private FlagValue() {}

  @Override
  @SuppressWarnings("JdkObsolete") // picocli's stack
  public boolean preprocess(
      Stack<String> words, CommandSpec command, ArgSpec flag, Map<String, Object> facts) {
    String sign = command.parser().separator();
    words.push(sign.equals(facts.get(BETWEEN)) ? parsed(words.pop(), command, flag) : "true");
    facts.put(BETWEEN, sign);
    return false;
  }

  private static String parsed(String value, CommandSpec command, ArgSpec flag) {
    return switch (value) {
      case "true", "1", "t", "T", "TRUE", "True" -> "true";
      case "false", "0", "f", "F", "FALSE", "False" -> "false";
      default ->
          throw new ParameterException(
              command.commandLine(),
              "invalid value in " + Options.name(flag) + "=" + value + ": true or false");
    };
  }
}
