package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Options;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.OptionSpec;

/** The script for zsh, to lie as {@code _jcompose} in a folder of its {@code fpath}. */
final class ZshCompletion {
  private static final String SCRIPT =
      """
      #compdef jcompose
      # zsh completion of jcompose

      _jcompose_services() {
        local -a services
        services=(${(f)"$(jcompose $globals config --services 2>/dev/null)"})
        _describe -t services service services
      }

      _jcompose() {
        local curcontext=$curcontext state line name
        local -a commands globals
        local -A opt_args
        _arguments -C -A '-*' \\
      GLOBALS    '1:command:->command' \\
          '*::argument:->arguments' && return
        case $state in
          command)
            commands=(
      COMMANDS      )
            _describe -t commands command commands
            ;;
          arguments)
            for name in PASSED; do
              (( $+opt_args[$name] )) && globals+=($name $opt_args[$name])
            done
            case $line[1] in
      CASES      esac
            ;;
        esac
      }

      # The file may be loaded by compinit, or sourced.
      if [[ $funcstack[1] == _jcompose ]]; then _jcompose "$@"; else compdef _jcompose jcompose; fi
      """;

  private ZshCompletion() {}

  static String script() {
    StringBuilder commands = new StringBuilder();
    StringBuilder cases = new StringBuilder();
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      String entry = name + ":" + command.description().replace(":", "\\:");
      commands.append("        ").append(quoted(entry)).append('\n');
      cases.append("        ").append(name).append(") _arguments");
      command.shown().forEach(o -> cases.append(" \\\n          ").append(spec(o)));
      cases.append(" \\\n          ").append(quoted(arguments(command))).append(" ;;\n");
    }
    StringBuilder globals = new StringBuilder();
    GlobalOptions.all()
        .shown()
        .forEach(o -> globals.append("    ").append(spec(o)).append(" \\\n"));
    return SCRIPT
        .replace("GLOBALS", globals)
        .replace("COMMANDS", commands)
        .replace("PASSED", String.join(" ", CompletionWords.globalsWithValue()))
        .replace("CASES", cases);
  }

  /** An option in _arguments' form, zshcompsys(1): {@code -x+} and {@code --x=} take a value. */
  private static String spec(OptionSpec option) {
    List<String> plain = Options.names(option);
    boolean hasValue = Options.takesValue(option);
    List<String> names =
        plain.stream()
            .map(name -> hasValue ? name + (name.startsWith("--") ? "=" : "+") : name)
            .toList();
    String start = option.isMultiValue() ? quoted("*") : "";
    if (start.isEmpty() && plain.size() > 1) {
      start = quoted("(" + String.join(" ", plain) + ")");
    }
    String name = names.size() > 1 ? "{" + String.join(",", names) + "}" : names.get(0);
    String description = Options.description(option).replaceAll("([\\[\\]:])", "\\\\$1");
    return start + name + quoted("[" + description + "]" + value(option));
  }

  private static String value(OptionSpec option) {
    if (!Options.takesValue(option)) {
      return "";
    }
    return switch (CompletionWords.valuesOf(option)) {
      case FILES -> ":" + Options.label(option) + ":_files";
      case SERVICES -> ":" + Options.label(option) + ":_jcompose_services";
      case OTHERS -> ":" + Options.label(option).replace(":", "\\:") + ": ";
    };
  }

  private static String arguments(Command command) {
    List<String> words = command.words();
    if (!words.isEmpty()) {
      return "1:what:(" + String.join(" ", words) + ")";
    }
    return CompletionWords.takesServices(command)
        ? "*:service:_jcompose_services"
        : "*:file:_files";
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
