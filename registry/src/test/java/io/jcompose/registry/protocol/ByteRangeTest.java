package io.jcompose.registry.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.registry.answer.Refusal;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=0-, 0, 99",
    "bytes=7-7, 7, 7",
    "bytes=90-200, 90, 99",
    "bytes=-1, 99, 99",
    "bytes=-500, 0, 99",
    "bytes=0-999999999999999999, 0, 99"
  })
  void readsAPart(String header, long first, long last) {
    assertThat(ByteRange.of(Optional.of(header), 100)).contains(new ByteRange(first, last));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=a-b",
        "bytes=1-2,3-4",
        "bytes=9999999999999999999-"
      })
  void ignoresWhatIsNone(String header) {
    assertThat(ByteRange.of(Optional.of(header), 100)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=-0"})
  void refusesWhatIsNotThere(String header) {
    assertThatThrownBy(() -> ByteRange.of(Optional.of(header), 100)).isInstanceOf(Refusal.class);
  }

  @Test
  void anEmptyBlobHasNoPart() {
    assertThatThrownBy(() -> ByteRange.of(Optional.of("bytes=0-"), 0)).isInstanceOf(Refusal.class);
  }

  @Test
  void readsAChunksPlace() {
    assertThat(ByteRange.ofChunk("0-9")).contains(new ByteRange(0, 9));
    assertThat(ByteRange.ofChunk("bytes 5-9/20")).contains(new ByteRange(5, 9));
    for (String wrong : new String[] {"", "9-5", "a", "-5", "5-", "99999999999999999999-1"}) {
      assertThat(ByteRange.ofChunk(wrong)).as(wrong).isEmpty();
    }
  }
}
