package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.DockerCommands;
import io.jcompose.cli.terminal.Consoles;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** Help texts of docker's words. */
public final class DockerHelp {
  private static final int WIDTH = 12;

  private DockerHelp() {}

  /** Prints the help of a command, of a group, or of all. */
  public static int print(List<String> words) throws IOException {
    if (words.isEmpty()) {
      Consoles.current().say(all());
      return 0;
    }
    String word = words.getFirst();
    if (!DockerCommands.isGroup(word)) {
      Command command = DockerCommands.find(word);
      if (command != null) {
        return Help.print(command);
      }
      Consoles.current().say(all());
      return 0;
    }
    Command member = words.size() > 1 ? DockerCommands.member(word, words.get(1)) : null;
    if (member != null) {
      return Help.print(member);
    }
    StringBuilder text = new StringBuilder("Usage:  docker " + word + " COMMAND\n\nCommands:\n");
    for (String name : DockerCommands.members(word)) {
      add(text, name, Objects.requireNonNull(DockerCommands.member(word, name)));
    }
    Consoles.current()
        .say(
            text
                + "\nRun 'docker "
                + word
                + " COMMAND --help' for more information on a command.\n");
    return 0;
  }

  private static String all() {
    StringBuilder text =
        new StringBuilder("Usage:  docker [OPTIONS] COMMAND\n\nManagement Commands:\n");
    text.append("  ").append(pad("compose")).append("All that jcompose does with compose files\n");
    for (String group : DockerCommands.groupNames()) {
      text.append("  ").append(pad(group));
      text.append(String.join(", ", DockerCommands.members(group))).append('\n');
    }
    text.append("\nCommands:\n");
    for (String word : DockerCommands.words()) {
      add(text, word, Objects.requireNonNull(DockerCommands.find(word)));
    }
    text.append("\nGlobal Options:\n");
    text.append(Help.options(DockerCommands.globals()));
    return text + "\nRun 'docker COMMAND --help' for more information on a command.\n";
  }

  private static void add(StringBuilder text, String word, Command command) {
    text.append("  ").append(pad(word)).append(command.description()).append('\n');
  }

  private static String pad(String word) {
    return word + " ".repeat(Math.max(1, WIDTH - word.length()));
  }
}
