package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RootsTest {
  @Test
  void theSettingsMayMoveTheStateUnlessTheUserDid() {
    assertThat(Roots.of(null, Map.of()).hasOwnState()).isFalse();
    assertThat(Roots.of(null, Map.of("JCOMPOSE_HOST", "unix:///x")).hasOwnState()).isFalse();
    assertThat(Roots.of("/srv", Map.of()).state()).isEqualTo("/srv/lib");
    assertThat(Roots.of("/srv", Map.of()).hasOwnState()).isTrue();
  }

  @Test
  void anotherMachineIsReachedByItsOwnProgram() {
    assertThatThrownBy(() -> Roots.of(null, Map.of("JCOMPOSE_HOST", "ssh://me@box")))
        .isInstanceOf(CommandFailure.class)
        .hasMessageEndingWith("the same on that machine: `ssh me@box jcompose …`");
    assertThatThrownBy(() -> Roots.of(null, Map.of("JCOMPOSE_HOST", "tcp://box:1")))
        .hasMessageEndingWith("only unix:///path/of/a/socket is supported");
  }
}
