package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarHeader.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaxRecordsTest {
  private static PaxRecords parse(String records) {
    PaxRecords pax = new PaxRecords();
    pax.parse(records.getBytes(StandardCharsets.UTF_8));
    return pax;
  }

  @Test
  void attributesAreThoseOfTheRecords() {
    PaxRecords pax =
        parse(record("SCHILY.xattr.user.a", "1=2\n") + record("SCHILY.xattr.user.b", ""));
    assertThat(pax.xattrs()).containsOnlyKeys("user.a", "user.b");
    assertThat(pax.xattrs().get("user.a")).containsExactly('1', '=', '2', '\n');
    assertThat(pax.xattrs().get("user.b")).isEmpty();
    assertThat(parse(record("path", "x")).xattrs()).isEmpty();
  }

  /** What nobody reads is not kept. */
  @Test
  void onlyWhatIsKnownIsKept() {
    PaxRecords pax = parse(record("comment", "x") + record("path", "p") + record("path", "q"));
    assertThat(pax.has("comment")).isFalse();
    assertThat(pax.text("path")).isEqualTo("q");
    assertThat(pax.text("linkpath")).isEmpty();
    assertThat(pax.number("uid", 7)).isEqualTo(7);
    assertThat(pax.isSparse()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"map", "size", "realsize", "major"})
  void aSparseFileIsKnownByAnyOfItsRecords(String key) {
    assertThat(parse(record("GNU.sparse." + key, "0")).isSparse()).isTrue();
  }

  /** Some writers fill the block up. */
  @Test
  void recordsEndAtANul() {
    assertThat(parse(record("path", "p") + "\0\0rest").text("path")).isEqualTo("p");
    assertThat(parse("").xattrs()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "5",
        "5 ",
        "99 a=b\n",
        "5 a=b\n",
        "6 a=b\nx",
        "4 a\n",
        "6 abc\n",
        " a=b\n",
        "0 a=b\n",
        "99999999999 a=b\n",
        "6:a=b\n",
        "6/a=b\n"
      })
  void aDamagedRecordIsRefused(String records) {
    assertThatThrownBy(() -> parse(records))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("invalid PAX record");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1234567890123456789"})
  void aNumberIsNotNegativeAndHasAnEnd(String uid) {
    PaxRecords pax = parse(record("uid", uid));
    assertThatThrownBy(() -> pax.number("uid", 0)).isInstanceOf(JcomposeException.Corrupt.class);
    assertThat(parse(record("uid", "123456789012345678")).number("uid", 0))
        .isEqualTo(123456789012345678L);
  }

  @Test
  void takesSoMuchForAnEntry() {
    PaxRecords pax = new PaxRecords();
    pax.charge(1 << 20);
    assertThatThrownBy(() -> pax.charge(1))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("extended headers");
  }
}
