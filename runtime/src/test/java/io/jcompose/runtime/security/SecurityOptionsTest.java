package io.jcompose.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "no-new-privileges, true",
    "no-new-privileges:1, true",
    "no-new-privileges=t, true",
    "no-new-privileges=T, true",
    "no-new-privileges=TRUE, true",
    "no-new-privileges=True, true",
    "no-new-privileges=0, false",
    "no-new-privileges=f, false",
    "no-new-privileges:false, false"
  })
  void aFlagHasTheWordsOfGo(String option, boolean set) {
    assertThat(parse(option).noNewPrivileges()).isEqualTo(set);
  }

  @Test
  void theLastWordOfAnOptionCounts() {
    assertThat(parse("no-new-privileges", "no-new-privileges:false").noNewPrivileges()).isFalse();
    assertThat(parse("seccomp=unconfined", "seccomp=builtin").seccomp()).isEmpty();
    assertThat(parse("apparmor=a", "apparmor=b").appArmor()).isEqualTo("b");
  }

  /** A profile's JSON has both signs, and a label's value has colons. */
  @Test
  void theFirstEqualsSignCutsAndAColonOnlyWithoutOne() {
    assertThat(parse("seccomp={\"a\":\"b=c\"}").seccomp()).hasValue("{\"a\":\"b=c\"}");
    assertThat(parse("label=type:x").labels()).containsExactly("type:x");
    assertThat(parse("label:level:s0", "disable").labels()).containsExactly("level:s0", "disable");
    assertThat(parse("apparmor:docker-default").appArmor()).isEqualTo("docker-default");
    assertThat(parse("systempaths:unconfined").systemPaths()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", ""})
  void aWordAloneIsRefused(String option) {
    assertThatThrownBy(() -> parse(option))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid --security-opt 1: \"" + option + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"=x", ":x", "seccomp2=x", "no-new-privileges=yes", "systempaths=x"})
  void whatIsUnknownIsRefused(String option) {
    assertThatThrownBy(() -> parse(option))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid --security-opt 2: \"" + option + "\"");
  }

  /** A profile may have been given where an option's name belongs. */
  @Test
  void aLongOptionIsShownByItsBeginning() {
    String sixty = "x=" + "y".repeat(58);
    assertThatThrownBy(() -> parse(sixty)).hasMessageEndingWith("\"" + sixty + "\"");
    assertThatThrownBy(() -> parse(sixty + "z")).hasMessageEndingWith("\"" + sixty + "…\"");
  }

  private static SecurityOptions parse(String... options) {
    return SecurityOptions.parse(List.of(options));
  }
}
