package io.jcompose.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
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
  void anotherHostIsReachedBySshAlone() {
    assertThat(Roots.of("/srv", Map.of("JCOMPOSE_HOST", "ssh://me@box")).socket())
        .isEqualTo("/srv/run/engine.sock");
    assertThatThrownBy(() -> Roots.of(null, Map.of("JCOMPOSE_HOST", "tcp://box:1")))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("JCOMPOSE_HOST=tcp://box:1: there are ssh://[user@]host");
  }
}
