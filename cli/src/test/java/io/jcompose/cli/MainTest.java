package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MainTest {
  private final PrintStream former = System.err;
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  MainTest() {
    System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setErr(former);
  }

  @Test
  void aCommandOfDockerComposeThatIsMissingIsNamedAsSuch() {
    assertThat(Main.run(new String[] {"build", "--pull"}, Map.of())).isEqualTo(1);
    assertThat(told.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "'jcompose build' is not supported yet: images cannot be built; name an existing image"
                + " by `image:`\n");
  }
}
