package io.jcompose.cli.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.StandardInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfirmationTest {
  private final InputStream former = System.in;

  @AfterEach
  void giveBack() {
    System.setIn(former);
  }

  private static boolean isGiven(String typed) throws IOException {
    System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
    return Confirmation.isGiven();
  }

  /** As {@code /dev/zero}, up to more than anybody takes. */
  private static final class Endless extends InputStream {
    private long given;

    @Override
    public int read() {
      assertThat(++given).as("bytes that were read").isLessThan(8 << 20);
      return 0;
    }
  }

  @Test
  void onlyAYesIsOne() throws IOException {
    assertThat(isGiven("y\n")).isTrue();
    assertThat(isGiven(" YES \r\nmore")).isTrue();
    assertThat(isGiven("yes")).isTrue();
    for (String no : new String[] {"", "\n", "no\n", "\nyes\n", "yesyes\n"}) {
      assertThat(isGiven(no)).isFalse();
    }
    assertThat(isGiven("y" + " ".repeat(4095) + "\n")).isFalse();
  }

  @Test
  void whatHasNoEndIsNoAnswer() throws IOException {
    System.setIn(new Endless());
    assertThat(Confirmation.isGiven()).isFalse();
  }

  @Test
  void whatHasNoEndIsNoFile() {
    System.setIn(new Endless());
    assertThatThrownBy(() -> new StandardInput().of("-"))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("the file on standard input is larger than 4 MiB");
    assertThatThrownBy(() -> new StandardInput().of("/dev/zero"))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("/dev/zero is larger than 4 MiB");
  }
}
