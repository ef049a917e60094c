package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecWordsTest {
  @Test
  void takesWhatTheKernelTakes() {
    List<String> many = Collections.nCopies(15_000, "NAME=" + "v".repeat(100));
    assertThatCode(() -> ExecWords.check(List.of("true"), many)).doesNotThrowAnyException();
    String longest = "A=" + "x".repeat(131_071 - 2);
    assertThatCode(() -> ExecWords.check(List.of("true"), List.of(longest)))
        .doesNotThrowAnyException();
  }

  @Test
  void saysWhatIsTooLong() {
    String variable = "LARGE=" + "x".repeat(131_072);
    assertThatThrownBy(() -> ExecWords.check(List.of("true"), List.of("A=1", variable)))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("variable LARGE has 131078 bytes")
        .hasMessageContaining("E2BIG");
    assertThatThrownBy(() -> ExecWords.check(List.of("ä".repeat(65_600)), List.of()))
        .hasMessageContaining("an argument has 131200 bytes");
    List<String> many = Collections.nCopies(20_000, "NAME=" + "v".repeat(100));
    assertThatThrownBy(() -> ExecWords.check(List.of("true"), many))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("2120005 bytes in 20001 words");
    assertThatThrownBy(() -> ExecWords.check(List.of("a\0b"), List.of()))
        .hasMessageContaining("NUL character");
  }
}
