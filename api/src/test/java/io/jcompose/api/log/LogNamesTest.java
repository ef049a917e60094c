package io.jcompose.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logs show names without the project, unless a container has one of its own. */
class LogNamesTest {
  @ParameterizedTest
  @CsvSource({
    "shop-web-1, web-1",
    "shop_web_1, web_1",
    "shop_web_run_0123456789ab, web_run_0123456789ab",
    "shop_data, shop_data",
    "shopping_web_1, shopping_web_1",
    "mine, mine",
  })
  void areThoseOfTheService(String name, String shown) {
    assertThat(LogNames.displayName("shop", name)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({"-web-1", "_web_1"})
  void areWholeWithoutAProject(String name) {
    assertThat(LogNames.displayName("", name)).isEqualTo(name);
  }
}
