package io.jcompose.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
  @ParameterizedTest
  @CsvSource({
    "busy*, busybox, true",
    "busy*, busy/box, false",
    "*/box, busy/box, true",
    "b?x, box, true",
    "b[a-o]x, box, true",
    "b[^o]x, box, false",
    "b\\[x, b[x, true",
    "a{b}.c, a{b}.c, true",
    "a.c, abc, false",
    "a\\*c, abc, false",
    "app:1.*, app:1.2, true"
  })
  void ofFileNames(String glob, String name, boolean fits) {
    assertThat(NamePattern.ofGlob(glob).matches(name)).isEqualTo(fits);
  }

  @Test
  void ofExpressions() {
    assertThat(NamePattern.of("^/?web").isIn("web-1")).isTrue();
    assertThat(NamePattern.of("^eb").isIn("web-1")).isFalse();
  }

  @Test
  @Timeout(60)
  void noneTakesTheEngineForItself() {
    String name = "a".repeat(250);
    for (NamePattern pattern :
        new NamePattern[] {
          NamePattern.of("(.*)(.*)(.*)(.*)(.*)\\1x"), NamePattern.ofGlob("*a".repeat(40) + "b")
        }) {
      assertThatThrownBy(() -> pattern.isIn(name + "c"))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("takes too long");
    }
    assertThatThrownBy(() -> NamePattern.of("(".repeat(20_000)))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("longer than 256");
    assertThatThrownBy(() -> NamePattern.ofGlob("a[b"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
    assertThatThrownBy(() -> NamePattern.of("(")).hasMessageContaining("invalid pattern");
  }
}
