package io.jcompose.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WebSocketFramesTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  private static String frame(int first, String body) {
    StringBuilder frame = new StringBuilder().append((char) first);
    int length = body.length();
    if (length < 126) {
      frame.append((char) (0x80 | length));
    } else {
      frame.append((char) 0xfe).append((char) (length >> 8)).append((char) (length & 255));
    }
    frame.append("abcd");
    for (int i = 0; i < length; i++) {
      frame.append((char) (body.charAt(i) ^ "abcd".charAt(i & 3)));
    }
    return frame.toString();
  }

  private WebSocketFrames of(String received) {
    byte[] bytes = received.getBytes(StandardCharsets.ISO_8859_1);
    return new WebSocketFrames(new ByteArrayInputStream(bytes), sent, true);
  }

  private String read(String received) throws IOException {
    return new String(of(received).input().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private String sent() {
    return sent.toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void theKeyOfTheStandardIsAnsweredAsItSays() {
    assertThat(WebSocketFrames.accept("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void messagesAndTheirPartsAreOneStream() throws IOException {
    String big = "x".repeat(300);
    assertThat(read(frame(0x82, "one ") + frame(0x01, "tw") + frame(0x80, "o ") + frame(0x82, big)))
        .isEqualTo("one two " + big);
    assertThat(sent()).isEmpty();
  }

  @Test
  void pingsAreAnsweredBetweenParts() throws IOException {
    assertThat(read(frame(0x02, "a") + frame(0x89, "hey") + frame(0x8a, "") + frame(0x80, "b")))
        .isEqualTo("ab");
    assertThat(sent()).isEqualTo("\u008a\3hey");
  }

  @Test
  void aCloseIsAnsweredOnceAndEndsTheInput() throws IOException {
    WebSocketFrames frames = of(frame(0x88, "\3\u00e8bye") + frame(0x82, "late"));
    assertThat(frames.input().readAllBytes()).isEmpty();
    frames.close(1000);
    assertThat(sent()).isEqualTo("\u0088\2\3\u00e8");
    assertThatThrownBy(() -> frames.output().write('x')).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsNoFrameEndsItWithTheReason() throws IOException {
    for (String wrong :
        new String[] {
          "\u0082\1x", // not masked
          frame(0xc2, "x"), // compressed, which nobody agreed on
          frame(0x83, "x"),
          frame(0x8b, "x"),
          frame(0x09, "x"), // a part of a ping
          frame(0x89, "x".repeat(126)),
          "\u0082\u00ff\u00ff\0\0\0\0\0\0\0abcd"
        }) {
      sent.reset();
      assertThat(read(wrong + "abcdef")).isEmpty();
      assertThat(sent()).isEqualTo("\u0088\2\3\u00ea");
    }
    assertThatThrownBy(() -> read("\u0082")).isInstanceOf(EOFException.class);
    assertThat(read(frame(0x82, "abc").substring(0, 8))).isEqualTo("ab");
  }

  @Test
  void eachWriteIsAMessage() throws IOException {
    WebSocketFrames frames = of("");
    frames.output().write("out".getBytes(StandardCharsets.US_ASCII));
    frames.output().write("x".repeat(126).getBytes(StandardCharsets.US_ASCII));
    assertThat(sent()).isEqualTo("\u0082\3out\u0082\u007e\0\u007e" + "x".repeat(126));
    sent.reset();
    frames.output().write(new byte[70_000]);
    assertThat(sent()).startsWith("\u0082\u007f\0\0\0\0\0\1\21\u0070").hasSize(70_010);
    sent.reset();
    new WebSocketFrames(new ByteArrayInputStream(new byte[0]), sent, false).output().write('t');
    assertThat(sent()).isEqualTo("\u0081\1t");
  }
}
