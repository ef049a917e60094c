package io.jcompose.cli.command;

import java.util.List;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Our words for picocli's options: the last name of one is what it is called by. */
public final class Options {
  private Options() {}

  /** Short name first when there is one. */
  public static List<String> names(OptionSpec option) {
    return List.of(option.names());
  }

  /** The name that help and messages have. */
  static String name(ArgSpec option) {
    return name((OptionSpec) option);
  }

  /** The name that help and messages have. */
  public static String name(OptionSpec option) {
    String[] names = option.names();
    return names[names.length - 1];
  }

  /** The name that requests carry, without dashes. */
  static String key(OptionSpec option) {
    return name(option).replaceFirst("^--?", "");
  }

  public static boolean takesValue(OptionSpec option) {
    return option.arity().min() > 0;
  }

  /** The value's name in the help; empty for a flag. */
  public static String label(OptionSpec option) {
    return takesValue(option) ? option.paramLabel() : "";
  }

  public static String description(OptionSpec option) {
    return option.description()[0];
  }
}
