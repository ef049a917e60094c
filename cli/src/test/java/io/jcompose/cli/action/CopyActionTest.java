package io.jcompose.cli.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an engine on another host may do to its caller's files. */
class CopyActionTest {
  @ParameterizedTest
  @CsvSource({
    "app, /srv/app",
    "app, srv/app/",
    ".., /a/..",
    "., /srv/.",
    "., .",
    "., /",
    "app, /srv/../app"
  })
  void whatItSendsHasTheNameOfWhatWasAskedFor(String archive, String path) {
    if (!archive.equals("..")) {
      assertThat(CopyAction.named(archive, path)).isEqualTo(archive);
    } else {
      assertThatThrownBy(() -> CopyAction.named(archive, path)).hasMessageContaining("nothing");
    }
  }

  @ParameterizedTest
  @CsvSource({".bashrc, /srv/app", "., /srv/app", "'', /srv/app", "a/b, /x/../y", ".ssh, /srv/."})
  void anotherNameIsRefused(String archive, String path) {
    assertThatThrownBy(() -> CopyAction.named(archive, path)).isInstanceOf(CommandFailure.class);
  }
}
