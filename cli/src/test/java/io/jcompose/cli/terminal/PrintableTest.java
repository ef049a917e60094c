package io.jcompose.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void noControlCharacterPasses() {
    assertThat(Printable.text("a\u001b[31m\u009b\r\nb\té")).isEqualTo("a\\x1b[31m\\x9b\\x0d\nb\té");
    assertThat(Printable.line("a\nb\u007f")).isEqualTo("a\\x0ab\\x7f");
  }
}
