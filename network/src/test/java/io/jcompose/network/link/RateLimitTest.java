package io.jcompose.network.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  /** The kernel counts frames of 1514 bytes where a person counts 1448 of them. */
  @ParameterizedTest
  @CsvSource({
    "8000, 1045, 32768, 35768",
    "1000000, 130697, 32768, 39302",
    "20000000, 2613950, 32768, 163465",
    "20000008, 2613951, 65536, 196233",
    "1000000000, 130697513, 653487, 7188362",
    "100000000000, 13069751381, 65348756, 718836325",
    "1000000000000, 130697513812, 536870911, 1073741823",
    "10000000000000, 1306975138121, 536870911, 1073741823"
  })
  void letsPayloadThroughAtItsRate(long bits, long bytes, int burst, int queue) {
    RateLimit limit = new RateLimit(bits);
    assertThat(limit.bytesPerSecond()).isEqualTo(bytes);
    assertThat(limit.burstBytes()).isEqualTo(burst);
    assertThat(limit.queueBytes()).isEqualTo(queue);
  }
}
