package io.jcompose.api.docker.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProtoMessageTest {
  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void bytesAreThoseOfTheFormatsDescription() {
    assertThat(new ProtoWriter().number(1, 150).toBytes()).isEqualTo(hex("089601"));
    assertThat(new ProtoWriter().text(2, "testing").toBytes()).isEqualTo(hex("120774657374696e67"));
    assertThat(new ProtoWriter().message(3, new ProtoWriter().number(1, 150)).toBytes())
        .isEqualTo(hex("1a03089601"));
    assertThat(new ProtoWriter().number(1, -2).toBytes()).isEqualTo(hex("08feffffffffffffffff01"));
    assertThat(new ProtoWriter().number(1, 0).text(2, "").flag(3, false).toBytes()).isEmpty();
  }

  @Test
  void whatIsWrittenIsRead() {
    ProtoMessage read =
        ProtoMessage.parse(
            new ProtoWriter()
                .number(1, Long.MIN_VALUE)
                .flag(2, true)
                .text(3, "één")
                .text(3, "zwei")
                .map(4, Map.of("a", "1"))
                .time(5, Instant.ofEpochSecond(7, 9))
                .message(600, new ProtoWriter())
                .toBytes());
    assertThat(read.number(1)).isEqualTo(Long.MIN_VALUE);
    assertThat(read.flag(2)).isTrue();
    assertThat(read.texts(3)).containsExactly("één", "zwei");
    assertThat(read.text(3)).isEqualTo("zwei");
    assertThat(read.map(4)).isEqualTo(Map.of("a", "1"));
    assertThat(read.message(5).number(1)).isEqualTo(7);
    assertThat(read.message(5).number(2)).isEqualTo(9);
    assertThat(read.has(600)).isTrue();
    assertThat(read.has(601)).isFalse();
    assertThat(read.message(601).text(1)).isEmpty();
  }

  @Test
  void fieldsOfFixedLengthArePassedOver() {
    assertThat(ProtoMessage.parse(hex("09010203040506070815aabbccdd1805")).number(3)).isEqualTo(5);
  }

  @Test
  void whatIsNoMessageIsRefused() {
    for (String bad : new String[] {"08", "0880", "1205616263", "0b", "12ffffffff0f", "0901"}) {
      assertThatThrownBy(() -> ProtoMessage.parse(hex(bad)))
          .isInstanceOf(RpcFailure.class)
          .hasMessage("malformed message");
    }
  }

  @Test
  void anyBytesAreAMessageOrRefused() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      try {
        assertThat(ProtoMessage.parse(bytes)).isNotNull();
      } catch (RpcFailure e) {
        assertThat(e.code()).isEqualTo(RpcFailure.INVALID_ARGUMENT);
      }
    }
  }
}
