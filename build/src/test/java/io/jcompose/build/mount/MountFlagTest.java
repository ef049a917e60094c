package io.jcompose.build.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountFlagTest {
  private static final Map<String, String> VARIABLES =
      Map.of("T", "cache", "D", "/a,b", "RO", "true", "EMPTY", "");
  private static final UnaryOperator<String> EXPAND =
      word -> new Words('\\').expand(word, VARIABLES::get);

  @Test
  void expandsEachValueByItself() {
    RunMount mount = MountFlag.parse("type=$T,target=$D,ro=$RO,id=${X:-y}").resolve(EXPAND);
    assertThat(mount.type()).isEqualTo(RunMount.Type.CACHE);
    assertThat(mount.target()).isEqualTo("/a,b");
    assertThat(mount.readOnly()).isTrue();
    assertThat(mount.id()).isEqualTo("y");
  }

  @Test
  void knowsWhereItIsFromBeforeAnythingIsExpanded() {
    MountFlag flag = MountFlag.parse("target=/$D,from=stage,source=$T");
    assertThat(flag.from()).isEqualTo("stage");
    assertThat(flag.hasVariables()).isTrue();
    assertThat(MountFlag.parse("target=/x").from()).isNull();
    assertThat(MountFlag.parse("target=/x,from=").from()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'type=$X,target=/x', 'unsupported mount type \"\"; there are bind, cache, tmpfs, secret, ssh'",
    "'type=cache,target=$EMPTY/', 'invalid mount target \"/\": it would hide the root filesystem'",
    "'target=/x,readonly=$D', 'invalid value for readonly: /a,b'",
    "'target=${X?no target}', 'failed to process \"${X?no target}\": X: no target'",
    "'type=secret,id=a/..', 'invalid secret mount: ''a/..'' does not end with a name'",
  })
  void refusesWhatIsWrongWhenItIsExpanded(String raw, String message) {
    MountFlag flag = MountFlag.parse(raw);
    assertThatThrownBy(() -> flag.resolve(EXPAND))
        .isInstanceOf(WordException.class)
        .hasMessage(message);
  }

  @Provide
  Arbitrary<String> flags() {
    return Arbitraries.of(
            "type=",
            "cache",
            "secret",
            "ssh",
            "tmpfs",
            "bind",
            ",",
            "target=",
            "/x",
            "/",
            "id=",
            "from=",
            "ro",
            "rw",
            "=true",
            "mode=",
            "0755",
            "9",
            "uid=",
            "-1",
            "size=",
            "1g",
            "sharing=",
            "locked",
            "required",
            "env=",
            "\"",
            "$D",
            "..",
            "source=")
        .list()
        .ofMaxSize(14)
        .map(list -> String.join("", list));
  }

  @Property(tries = 3000)
  void readsOrRefuses(@ForAll @From("flags") String raw) {
    try {
      RunMount mount = MountFlag.parse(raw).resolve(EXPAND);
      assertThat(mount.target()).isNotEqualTo("/");
      assertThat(mount.type() == RunMount.Type.SECRET && mount.id() == null).isFalse();
    } catch (WordException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }
}
