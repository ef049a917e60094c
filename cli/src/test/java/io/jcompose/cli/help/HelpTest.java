package io.jcompose.cli.help;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.command.Commands;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void everyCommandOfTheHelpExists() {
    assertThat(Commands.NAMES).allMatch(name -> Commands.find(name) != null);
    assertThat(Help.program()).contains("  up          Create and start containers");
  }

  @Test
  void helpNamesOptionsWhereThereAreSome() {
    assertThat(Help.of(Objects.requireNonNull(Commands.find("pause")))).doesNotContain("Options:");
    assertThat(Help.of(Objects.requireNonNull(Commands.find("stop")))).contains("Options:\n");
  }

  @Test
  void formerOptionsAreNotShown() {
    assertThat(Help.of(Objects.requireNonNull(Commands.find("pull")))).doesNotContain("parallel");
  }
}
