package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientRequestTest {
  private static final String START =
      "b1\0/srv/shop\0" + "110\0" + "24\0" + "80\0" + "1700000000000\0";

  @Test
  void hasWhatWasTyped() {
    ClientRequest request =
        parse(START + "2\0up\0-d\0" + "3\0A=1\0B=x=y\0noise\0" + "1\0abc\0" + "7:42\0");
    assertThat(request)
        .isEqualTo(
            new ClientRequest(
                "b1",
                "/srv/shop",
                "110",
                24,
                80,
                1_700_000_000_000L,
                List.of("up", "-d"),
                Map.of("A", "1", "B", "x=y"),
                Map.of("abc", "7:42")));
  }

  @Test
  void takesEmptyWords() {
    assertThat(parse(START + "2\0\0\0" + "0\0" + "0\0").arguments()).containsExactly("", "");
  }

  /** Sixteen million empty words are sixteen megabytes to send, and much more to keep. */
  @Test
  void itsWordsCountForWhatTheyTakeInMemory() {
    assertThat(ClientRequest.heapBytes(new byte[16 << 20])).isEqualTo(Integer.MAX_VALUE);
    byte[] small = (START + "2\0up\0-d\0" + "0\0" + "0\0").getBytes(StandardCharsets.UTF_8);
    assertThat(ClientRequest.heapBytes(small)).isBetween(small.length, 5_000);
    assertThat(ClientRequest.buildOf(small)).isEqualTo("b1");
  }

  /** In JSON a control character is six, and it is copied on the way. */
  @Test
  void whatItsWordsBecomeIsCounted() {
    byte[] words =
        (START + "1\0" + "\33".repeat(100_000) + "\0" + "0\0" + "0\0")
            .getBytes(StandardCharsets.UTF_8);
    Object asked = new Json().value(ClientRequest.parse(words).arguments()).toString();
    assertThat(String.valueOf(asked)).hasSizeGreaterThan(600_000);
    assertThat(ClientRequest.heapBytes(words)).isGreaterThan(1_600_000);
    assertThat(ClientRequest.keptBytes(words)).isBetween(200_000, 300_000);
  }

  @Test
  void refusesWordsThatNoProgramIsGiven() {
    String most = "w".repeat(128 << 10);
    assertThat(parse(START + "1\0" + most + "\0" + "0\0" + "0\0").arguments())
        .containsExactly(most);
    assertThatThrownBy(() -> parse(START + "1\0" + most + "w\0" + "0\0" + "0\0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a word of more than 128 KiB");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "b1",
        START,
        START + "1\0up\0" + "0\0",
        START + "2\0up\0" + "0\0" + "0\0",
        START + "-1\0" + "0\0" + "0\0",
        START + "99999999999\0" + "0\0" + "0\0",
        START + "x\0" + "0\0" + "0\0",
        "b1\0srv\0" + "110\0" + "24\0" + "80\0" + "1\0" + "0\0" + "0\0" + "0\0",
        "b1\0/srv\0" + "11\0" + "24\0" + "80\0" + "1\0" + "0\0" + "0\0" + "0\0",
        "b1\0/srv\0" + "110\0" + "99999\0" + "80\0" + "1\0" + "0\0" + "0\0" + "0\0"
      })
  void refusesWhatIsNone(String fields) {
    assertThatThrownBy(() -> parse(fields)).isInstanceOf(IllegalArgumentException.class);
  }

  private static ClientRequest parse(String fields) {
    return ClientRequest.parse(fields.getBytes(StandardCharsets.UTF_8));
  }
}
