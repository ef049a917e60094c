package io.jcompose.compose.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of compose-go's dotenv package; {@code ;} stands for the end of a line. */
class DotenvTest {
  private static Map<String, String> parse(String text) throws Dotenv.Invalid {
    return Dotenv.parse(text.replace(';', '\n'));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "A=1| 1",
        "A = 1 | 1",
        "A: 1| 1",
        "export A=1| 1",
        "export\tA=1| 1",
        ";; \t# x;A=1| 1",
        "A=1 # c| 1",
        "A=1#c| 1#c",
        "A=1\t#c| `1\t#c`",
        "A=#c| #c",
        "A= #c| #c",
        "A=a b | a b",
        "A='a b'| a b",
        "A='it\\'s'| it's",
        "A='$B \\n'| $B \\n",
        "A='1' # c| 1",
        "A=\"a#b\"| a#b",
        "A=\"a\\\"b\"| a\"b",
        "A=\"a\\\\b\"| a\\b",
        "A=\"\\a\\b\\f\\v\"| `\u0007\b\f\u000b`",
        "A=\"\\r\\t\"| `\r\t`",
        "A=\"\\c\"| \\c",
        "A=\"\\q\"| \\q",
        "A=\"\\$B\"| $B",
        "A=\"\\0101\"| A",
        "A=\"\\0377\"| \u00ff",
        "A=\"\\010\"| \\010",
        "A=\"\\0181\"| \\0181",
        "A=\"\\0811\"| \\0811",
        "A=\"\\0118\"| \\0118"
      },
      delimiter = '|')
  void aValueIsReadByItsQuotes(String text, String expected) throws Dotenv.Invalid {
    assertThat(parse(text)).containsExactly(entry("A", expected));
  }

  @Test
  void emptyValuesAreValues() throws Dotenv.Invalid {
    assertThat(parse("A=;B= ;C='';D=\"\""))
        .containsExactly(entry("A", ""), entry("B", ""), entry("C", ""), entry("D", ""));
  }

  @Test
  void quotedValuesMayHaveSeveralLines() throws Dotenv.Invalid {
    assertThat(parse("A=\"x;y\";B='x;y';C=3"))
        .containsExactly(entry("A", "x\ny"), entry("B", "x\ny"), entry("C", "3"));
  }

  @Test
  void aByteOrderMarkAndCarriageReturnsAreNoPartOfIt() throws Dotenv.Invalid {
    assertThat(Dotenv.parse("\uFEFFA=1\r\nB=2\r\n"))
        .containsExactly(entry("A", "1"), entry("B", "2"));
    assertThat(Dotenv.parse("A=x\uFEFF")).containsEntry("A", "x\uFEFF");
  }

  @ParameterizedTest
  @CsvSource({"a_1", "A.B", "A-B", "A[0]", "\u00e9", "1A", "exported", "export"})
  void aKeyHasLettersDigitsAndSomeSigns(String key) throws Dotenv.Invalid {
    assertThat(parse(key + "=1")).containsExactly(entry(key, "1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A=1;B C=2| 2| key cannot contain a space",
        "A=1;;B C| 3| key cannot contain a space",
        "=1| 1| the variable has no name",
        ";export =1| 2| the variable has no name",
        "A=1;B!=2;C=3| 2| unexpected character \"!\" in variable name \"B!=2\"",
        "B/| 1| unexpected character \"/\" in variable name \"B/\"",
        "A=1;B='x;y| 2| unterminated quoted value 'x",
        "B=\"x\\\"| 1| unterminated quoted value \"x\\\"",
        "B=\"| 1| unterminated quoted value \"",
        "A=\"x;y\";B=\"\\0000\"| 3| a value has a NUL character",
        "A=\"x\\;y\";B!| 3| unexpected character",
        "A=\"${\"| 1| invalid interpolation format"
      })
  void whatCannotBeReadIsToldWithItsLine(String text, int line, String problem) {
    Dotenv.Invalid invalid = catchThrowableOfType(Dotenv.Invalid.class, () -> parse(text));
    assertThat(invalid).isNotNull().hasMessageContaining(problem);
    assertThat(invalid.line()).isEqualTo(line);
  }

  @Test
  void aLongBeginningIsShownInPart() {
    assertThatThrownBy(() -> parse("A='" + "x".repeat(50)))
        .hasMessage("unterminated quoted value '" + "x".repeat(40));
  }

  @Test
  void valuesSeeWhatIsOutsideBeforeWhatIsAbove() throws Dotenv.Invalid {
    Map<String, String> result = new LinkedHashMap<>(Map.of("OLD", "o"));
    List<String> unset = new ArrayList<>();
    Dotenv.parse(
        "A=1\nB=$A-$OUT-$OLD\nOUT=2\nC=\"$OUT\"\n\nD=${NONE}x",
        result,
        Map.of("OUT", "outer")::get,
        (name, line) -> unset.add(name + " " + line));
    assertThat(result)
        .containsEntry("B", "1-outer-o")
        .containsEntry("OUT", "2")
        .containsEntry("C", "outer")
        .containsEntry("D", "x");
    assertThat(unset).containsExactly("NONE 6");
  }

  @Test
  void aKeyAloneInheritsItsValue() throws Dotenv.Invalid {
    Map<String, String> result = new LinkedHashMap<>();
    Dotenv.parse("A\nexport B\nC", result, Map.of("A", "1", "B", "2")::get, (name, line) -> {});
    assertThat(result).containsExactly(entry("A", "1"), entry("B", "2"));
  }

  @Test
  void limitsWhatSubstitutionAddsUpTo() {
    String half = "A=" + "x".repeat(2 << 20) + "\n";
    assertThatThrownBy(() -> Dotenv.parse(half + "B=$A\nC=$A"))
        .hasMessage("the variables add up to more than 4 MiB");
  }

  @Test
  void theRawFormatKnowsNoQuotes() throws Dotenv.Invalid {
    Map<String, String> result = new LinkedHashMap<>();
    Dotenv.parseRaw(
        "A='1' # c\r\n  B=$A \n\n# x\n  # y\nC==\nD\n  E  \nF",
        result,
        Map.of("D", "d", "E", "e")::get);
    assertThat(result)
        .containsExactly(
            entry("A", "'1' # c"),
            entry("B", "$A "),
            entry("C", "="),
            entry("D", "d"),
            entry("E", "e"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A=1;=2| 2| no variable name on line '=2'",
        "A=1;;B C=2| 3| variable 'B C' contains whitespaces",
        "B =2| 1| variable 'B ' contains whitespaces"
      })
  void theRawFormatRefusesWhatIsNoName(String text, int line, String problem) {
    Dotenv.Invalid invalid =
        catchThrowableOfType(
            Dotenv.Invalid.class,
            () -> Dotenv.parseRaw(text.replace(';', '\n'), new LinkedHashMap<>(), name -> null));
    assertThat(invalid).isNotNull().hasMessage(problem);
    assertThat(invalid.line()).isEqualTo(line);
  }
}
