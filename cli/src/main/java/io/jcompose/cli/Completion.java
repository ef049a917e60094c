package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code jcompose completion bash}: names of commands and of the command's options. */
final class Completion {
  private Completion() {}

  static int run(Invocation invocation) throws IOException {
    if (!invocation.arguments().equals(java.util.List.of("bash"))) {
      throw new CommandFailure("usage: jcompose completion bash", 1);
    }
    StringBuilder cases = new StringBuilder();
    for (String name : Commands.NAMES) {
      Command command = java.util.Objects.requireNonNull(Commands.find(name));
      cases.append("      ").append(name).append(") words=\"");
      for (Option option : command.options) {
        if (option.refusal().isEmpty()) {
          cases.append(String.join(" ", option.names())).append(' ');
        }
      }
      cases.append("\" ;;\n");
    }
    String script =
        """
        _jcompose() {
          local word=${COMP_WORDS[COMP_CWORD]} command= i words
          for ((i = 1; i < COMP_CWORD; i++)); do
            case ${COMP_WORDS[i]} in
              -f | --file | -p | --project-name | --profile | --env-file | --root) ((i++)) ;;
              -*) ;;
              *) command=${COMP_WORDS[i]}; break ;;
            esac
          done
          if [[ -z $command ]]; then
            words="COMMANDS"
          else
            case $command in
        CASES      *) words= ;;
            esac
            [[ $word != -* ]] && words=$(jcompose config --services 2>/dev/null)
          fi
          COMPREPLY=($(compgen -W "$words" -- "$word"))
        }
        complete -o default -F _jcompose jcompose
        """
            .replace("COMMANDS", String.join(" ", Commands.NAMES))
            .replace("CASES", cases);
    Invocation.stdout().write(script.getBytes(StandardCharsets.UTF_8));
    return 0;
  }
}
