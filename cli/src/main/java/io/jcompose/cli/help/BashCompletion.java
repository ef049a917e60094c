package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Options;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.OptionSpec;

/** The script for bash. What it leaves open, such as values of options, bash takes for files. */
final class BashCompletion {
  private static final String SCRIPT =
      """
      # bash completion of jcompose
      _jcompose() {
        local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= words= i
        local -a globals=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in
            GLOBALS) globals+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}"); ((++i)) ;;
            -*) globals+=("${COMP_WORDS[i]}") ;;
            *) command=${COMP_WORDS[i]}; break ;;
          esac
        done
        COMPREPLY=()
        if [[ -z $command ]]; then
          ((i > COMP_CWORD)) && return # the value of an option
          words="OPTIONS"
          [[ $word == -* ]] || words="COMMANDS"
        else
          case "$command $previous" in
      SERVICE_VALUES        words=SERVICES ;;
      OTHER_VALUES        return ;;
          esac
          [[ -n $words ]] || case $command in
      CASES    esac
        fi
        [[ $words != SERVICES ]] || words=$(jcompose "${globals[@]}" config --services 2>/dev/null)
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -o default -F _jcompose jcompose
      """;

  private BashCompletion() {}

  static String script() {
    StringBuilder cases = new StringBuilder();
    StringBuilder services = new StringBuilder();
    StringBuilder others = new StringBuilder();
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      cases.append("      ").append(oneCase(command));
      for (OptionSpec option : command.shown()) {
        if (Options.takesValue(option)) {
          boolean isService = CompletionWords.valuesOf(option) == CompletionWords.Values.SERVICES;
          (isService ? services : others).append(patterns(name, option));
        }
      }
    }
    return SCRIPT
        .replace("GLOBALS", String.join(" | ", CompletionWords.globalsWithValue()))
        .replace("OPTIONS", names(GlobalOptions.all()))
        .replace("COMMANDS", String.join(" ", Commands.NAMES))
        .replace("SERVICE_VALUES", branch(services))
        .replace("OTHER_VALUES", branch(others))
        .replace("CASES", cases);
  }

  private static String oneCase(Command command) {
    List<String> words = command.words();
    String arguments = String.join(" ", words);
    if (words.isEmpty() && CompletionWords.takesServices(command)) {
      arguments = "SERVICES";
    }
    return "%s) words=\"%s\"; [[ $word == -* ]] || words=\"%s\" ;;\n"
        .formatted(command.name(), names(command), arguments);
  }

  private static String patterns(String command, OptionSpec option) {
    StringBuilder text = new StringBuilder();
    for (String name : Options.names(option)) {
      text.append('"').append(command).append(' ').append(name).append("\" | ");
    }
    return text.toString();
  }

  /** {@code a | b | } as the head of a branch that is taken for nothing else. */
  private static String branch(StringBuilder patterns) {
    return "      " + patterns + "\"\")\n";
  }

  private static String names(Command command) {
    StringBuilder text = new StringBuilder();
    command.shown().forEach(o -> text.append(String.join(" ", Options.names(o))).append(' '));
    return text.append("--help").toString();
  }
}
