package io.jcompose.cli.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ActionsTest {
  @Test
  void everyCommandHasAnAction() {
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      if (name.equals("docker")) {
        continue; // a command line of its own
      }
      if (!command.isGroup()) {
        assertThatCode(() -> Actions.of(name)).doesNotThrowAnyException();
        continue;
      }
      for (String word : command.words()) {
        Command member = Commands.member(command, word);
        // Those that the group names only to say what is there instead.
        if (member != null && !member.isDockers()) {
          assertThatCode(() -> Actions.of(member.name())).doesNotThrowAnyException();
        }
      }
    }
    assertThat(Actions.of("dial-stdio")).isNotNull();
  }
}
