package io.jcompose.api.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Contents.Change;
import org.junit.jupiter.api.Test;

class CopyCommandTest {
  @Test
  void aFilesNameIsOneLineOfDiffAndActsOnNoTerminal() {
    assertThat(CopyCommand.line(new Change(Change.Kind.ADDED, "/a\u001b]0;title\u0007\nD /b")))
        .isEqualTo("A /a?]0;title??D /b");
  }
}
