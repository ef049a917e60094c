package io.jcompose.api.docker.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
  private static String pass(DetachKeys keys, String typed) {
    byte[] bytes = typed.getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream passed = new ByteArrayOutputStream();
    boolean leaves = keys.take(bytes, bytes.length, passed);
    return passed.toString(StandardCharsets.US_ASCII) + (leaves ? "|" : "");
  }

  @Test
  void theDefaultIsCtrlPAndCtrlQ() {
    assertThat(pass(DetachKeys.parse(""), "a\20\21b")).isEqualTo("a|");
    DetachKeys keys = DetachKeys.parse("");
    assertThat(pass(keys, "a\20")).isEqualTo("a");
    assertThat(pass(keys, "b\20")).isEqualTo("\20b");
    assertThat(pass(keys, "\20")).isEqualTo("\20");
    assertThat(pass(keys, "\21")).isEqualTo("|");
  }

  @Test
  void othersMayBeGiven() {
    assertThat(pass(DetachKeys.parse("ctrl-@,x"), "xy\0x")).isEqualTo("xy|");
    assertThat(pass(DetachKeys.parse("ctrl-_"), "\37")).isEqualTo("|");
    for (String wrong : new String[] {"ctrl-", "ctrl-1", "ab", ",", "a,".repeat(40) + "a"}) {
      assertThatThrownBy(() -> DetachKeys.parse(wrong))
          .hasMessageStartingWith("Invalid detach keys (");
    }
  }
}
