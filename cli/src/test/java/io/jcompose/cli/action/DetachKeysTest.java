package io.jcompose.cli.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
  private static final byte[] TYPED = "a\u0010b\u0010\u0011c".getBytes(StandardCharsets.US_ASCII);

  @Test
  void theKeysEndWhatIsPassedOn() {
    DetachKeys keys = DetachKeys.parse("");
    assertThat(passed(keys)).isEqualTo("a\u0010b");
    assertThat(keys.isComplete()).isTrue();
  }

  @Test
  void noKeysPassEverythingOn() {
    DetachKeys keys = DetachKeys.none();
    assertThat(passed(keys)).isEqualTo("a\u0010b\u0010\u0011c");
    assertThat(keys.isComplete()).isFalse();
  }

  private static String passed(DetachKeys keys) {
    byte[] target = new byte[TYPED.length + 2];
    int count = keys.filter(TYPED, TYPED.length, target);
    return new String(target, 0, count, StandardCharsets.US_ASCII);
  }
}
