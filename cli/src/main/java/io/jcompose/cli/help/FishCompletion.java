package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Options;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.OptionSpec;

/** The script for fish. */
final class FishCompletion {
  private static final String SCRIPT =
      """
      # fish completion of jcompose

      # The words before the command, and then the command itself, if it is there yet.
      function __jcompose_head
          set -l words (commandline -opc)
          set -l value 0
          for word in $words[2..-1]
              if test $value = 1
                  set value 0
                  echo -- $word
                  continue
              end
              switch $word
                  case GLOBALS
                      set value 1
                      echo -- $word
                  case '-*'
                      echo -- $word
                  case '*'
                      test "$argv[1]" = command; and echo -- $word
                      return 0
              end
          end
          return 1
      end

      function __jcompose_is
          set -l head (__jcompose_head command)
          and contains -- $head[-1] $argv
      end

      function __jcompose_services
          set -l globals (__jcompose_head)
          jcompose $globals config --services 2>/dev/null
      end

      complete -c jcompose -f
      """;

  private static final String NO_COMMAND = "not __jcompose_head >/dev/null";

  private FishCompletion() {}

  static String script() {
    StringBuilder text = new StringBuilder();
    text.append(SCRIPT.replace("GLOBALS", String.join(" ", CompletionWords.globalsWithValue())));
    GlobalOptions.all().shown().forEach(o -> text.append(line(NO_COMMAND, o)));
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      text.append(start(NO_COMMAND)).append(" -a ").append(name);
      text.append(" -d ").append(quoted(command.description())).append('\n');
      String condition = "__jcompose_is " + name;
      text.append(arguments(condition, command));
      command.shown().forEach(o -> text.append(line(condition, o)));
    }
    return text.toString();
  }

  private static String start(String condition) {
    return "complete -c jcompose -n " + quoted(condition);
  }

  private static String arguments(String condition, Command command) {
    List<String> words = command.words();
    if (!words.isEmpty()) {
      return start(condition) + " -a " + quoted(String.join(" ", words)) + "\n";
    }
    return start(condition)
        + (CompletionWords.takesServices(command) ? " -a '(__jcompose_services)'\n" : " -F\n");
  }

  private static String line(String condition, OptionSpec option) {
    StringBuilder text = new StringBuilder(start(condition));
    for (String name : Options.names(option)) {
      text.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (Options.takesValue(option)) {
      text.append(
          switch (CompletionWords.valuesOf(option)) {
            case FILES -> " -r -F";
            case SERVICES -> " -x -a '(__jcompose_services)'";
            case OTHERS -> " -x";
          });
    }
    return text.append(" -d ").append(quoted(Options.description(option))).append('\n').toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
