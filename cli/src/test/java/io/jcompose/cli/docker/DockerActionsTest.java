package io.jcompose.cli.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.DockerCommands;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DockerActionsTest {
  @Test
  void everyWordHasAnAction() {
    for (String word : DockerCommands.words()) {
      Command command = Objects.requireNonNull(DockerCommands.find(word), word);
      assertThat(DockerActions.of(command.name())).as(word).isNotNull();
      assertThat(command.title()).isEqualTo("docker " + word);
    }
    for (String group : DockerCommands.groupNames()) {
      for (String word : DockerCommands.members(group)) {
        Command command = Objects.requireNonNull(DockerCommands.member(group, word), word);
        assertThat(DockerActions.of(command.name())).as(word).isNotNull();
      }
    }
  }

  @Test
  void shortWordsAndLongOnesAreOne() {
    assertThat(Objects.requireNonNull(DockerCommands.find("ps")).name()).isEqualTo("container ls");
    assertThat(Objects.requireNonNull(DockerCommands.member("container", "list")).name())
        .isEqualTo("container ls");
    assertThat(Objects.requireNonNull(DockerCommands.find("rmi")).name()).isEqualTo("image rm");
    assertThat(Objects.requireNonNull(DockerCommands.member("buildx", "build")).name())
        .isEqualTo("image build");
  }
}
