package io.jcompose.images.layer;

import static io.jcompose.images.layer.TarHeader.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarWriter tar = new TarWriter(bytes);

  @Test
  void limitsTheExtendedHeadersOfAnEntryInAll() throws IOException {
    for (int i = 0; i < 20; i++) {
      header('x', record("SCHILY.xattr.user." + i, "v".repeat(60_000)));
    }
    header('0', "");
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("extended headers");
  }

  @Test
  void limitsTheNumberOfRecordsOfAnEntry() throws IOException {
    for (int i = 0; i < 40; i++) {
      StringBuilder records = new StringBuilder();
      for (int j = 0; j < 500; j++) {
        records.append(record("SCHILY.xattr.a" + (1000 * i + j), ""));
      }
      header('x', records.toString());
    }
    header('0', "");
    assertThatThrownBy(() -> reader().next()).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void countsTheHeadersOfEachEntryForItself() throws IOException {
    for (int i = 0; i < 20; i++) {
      header('g', "x".repeat(600_000));
      header('x', record("comment", "v".repeat(600_000)));
      header('0', "data");
    }
    tar.finish();
    TarReader reader = reader();
    for (int i = 0; i < 20; i++) {
      assertThat(reader.next()).isNotNull();
    }
    assertThat(reader.next()).isNull();
  }

  @Test
  void limitsTheTargetOfALink() throws IOException {
    header('x', record("linkpath", "a/".repeat(2048)));
    header('1', "");
    header('x', record("linkpath", "a/".repeat(500_000)));
    header('1', "");
    TarReader reader = reader();
    assertThat(reader.next()).isNotNull();
    assertThatThrownBy(reader::next).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void readsAFileOfHolesAlone() throws IOException {
    header('x', record("GNU.sparse.size", "50") + record("GNU.sparse.numblocks", "0"));
    header('0', "");
    TarReader reader = reader();
    TarEntry entry = reader.next();
    assertThat(entry.sizeBytes()).isEqualTo(50);
    assertThat(reader.isSparse()).isTrue();
    assertThat(reader.read(new byte[9], 0, 9)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0,5,3,5", "5", "-1,2", "0,99", "0,1,9223372036854775807,1", "x,y", "0,4", "48,5"})
  void refusesASparseMapThatIsWrong(String map) throws IOException {
    header('x', record("GNU.sparse.map", map) + record("GNU.sparse.size", "50"));
    header('0', "12345");
    assertThatThrownBy(() -> reader().next()).as(map).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void refusesALeadingMapThatNeverEnds() throws IOException {
    header('x', record("GNU.sparse.major", "1") + record("GNU.sparse.realsize", "50"));
    header('0', "7".repeat(2000));
    assertThatThrownBy(() -> reader().next()).isInstanceOf(JcomposeException.Corrupt.class);
  }

  private void raw(TarHeader header, String data) {
    bytes.writeBytes(header.sealed());
    byte[] encoded = data.getBytes(StandardCharsets.UTF_8);
    bytes.writeBytes(Arrays.copyOf(encoded, (encoded.length + 511) / 512 * 512));
  }

  private TarEntry only() throws IOException {
    bytes.writeBytes(new byte[1024]);
    return reader().next();
  }

  @Test
  void aUstarNameHasItsPrefixBefore() throws IOException {
    raw(new TarHeader("file", '0', 0).posix("a/long/way"), "");
    assertThat(only().name()).isEqualTo("a/long/way/file");
  }

  /** In GNU tar's old format other things stand where the prefix would. */
  @Test
  void aNameOfGnuTarHasNone() throws IOException {
    raw(new TarHeader("file", '0', 0).gnu("12345670123"), "");
    assertThat(only().name()).isEqualTo("file");
  }

  @Test
  void longNamesAndLinksOfGnuTarAreThoseOfTheNextEntry() throws IOException {
    String name = "d/".repeat(100) + "name";
    String link = "l/".repeat(100) + "link";
    raw(new TarHeader("././@LongLink", 'L', name.length() + 1), name + "\0");
    raw(new TarHeader("././@LongLink", 'K', link.length() + 1), link + "\0");
    raw(new TarHeader(name.substring(0, 99), '2', 0).text(157, "short"), "");
    raw(new TarHeader("next", '2', 0).text(157, "short"), "");
    bytes.writeBytes(new byte[1024]);
    TarReader reader = reader();
    TarEntry first = reader.next();
    assertThat(first.name()).isEqualTo(name);
    assertThat(first.linkName()).isEqualTo(link);
    TarEntry next = reader.next();
    assertThat(next.name()).isEqualTo("next");
    assertThat(next.linkName()).isEqualTo("short");
    assertThat(reader.next()).isNull();
  }

  @Test
  void numbersMayBeOfBase256() throws IOException {
    raw(
        new TarHeader("f", '0', 0)
            .binary(108, 8, 3_000_000)
            .binary(116, 8, 4_000_000)
            .binary(136, 12, -5),
        "");
    TarEntry entry = only();
    assertThat(entry.uid()).isEqualTo(3_000_000);
    assertThat(entry.gid()).isEqualTo(4_000_000);
    assertThat(entry.mtimeSeconds()).isEqualTo(-5);
  }

  @Test
  void aSizeBelowNothingIsRefused() {
    raw(new TarHeader("f", '0', 0).binary(124, 12, -1), "");
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("negative size");
  }

  @Test
  void recordsOfPaxAreOverTheHeader() throws IOException {
    String records =
        record("uid", "3000000")
            + record("gid", "4000000")
            + record("mtime", "12.5")
            + record("path", "other")
            + record("size", "3");
    raw(new TarHeader("pax", 'x', records.length()), records);
    raw(new TarHeader("f", '0', 0), "abc");
    TarEntry entry = only();
    assertThat(entry)
        .extracting(
            TarEntry::name,
            TarEntry::uid,
            TarEntry::gid,
            TarEntry::mtimeSeconds,
            TarEntry::mtimeNanos,
            TarEntry::sizeBytes)
        .containsExactly("other", 3_000_000, 4_000_000, 12L, 500_000_000, 3L);
  }

  @ParameterizedTest
  @CsvSource({"-1.25, -2, 750000000", "-3, -3, 0", "7, 7, 0", "7.000000001, 7, 1"})
  void timesCountUpAlsoBefore1970(String text, long seconds, int nanos) throws IOException {
    String records = record("mtime", text);
    raw(new TarHeader("pax", 'x', records.length()), records);
    raw(new TarHeader("f", '0', 0), "");
    TarEntry entry = only();
    assertThat(entry.mtimeSeconds()).isEqualTo(seconds);
    assertThat(entry.mtimeNanos()).isEqualTo(nanos);
  }

  /** A device of the numbers 0:0 would be a whiteout of overlayfs. */
  @Test
  void devicesHaveTheirNumbers() throws IOException {
    raw(new TarHeader("null", '3', 0).posix("").octal(329, 7, 1).octal(337, 7, 3), "");
    TarEntry entry = only();
    assertThat(entry.major()).isEqualTo(1);
    assertThat(entry.minor()).isEqualTo(3);
  }

  @Test
  void whatIsNoDeviceHasNone() throws IOException {
    raw(new TarHeader("f", '0', 0).posix("").octal(329, 7, 1).octal(337, 7, 3), "");
    TarEntry entry = only();
    assertThat(entry.major()).isZero();
    assertThat(entry.minor()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, dir/, 5", "0, file, 0", "7, file, 7", "1, file, 1"})
  void aFileWhoseNameEndsInASlashIsAFolder(char type, String name, char shown) throws IOException {
    raw(new TarHeader(name, type, 0), "");
    assertThat(only().type()).isEqualTo(shown);
  }

  @Test
  void aTypeOfTheOldFormatIsAFile() throws IOException {
    raw(new TarHeader("file", '\0', 3), "abc");
    TarEntry entry = only();
    assertThat(entry.type()).isEqualTo('0');
    assertThat(entry.sizeBytes()).isEqualTo(3);
  }

  @Test
  void aWrongChecksumIsRefused() {
    TarHeader header = new TarHeader("file", '0', 0);
    header.sealed();
    header.bytes[0] = 'F';
    bytes.writeBytes(header.bytes);
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("checksum");
  }

  /** POSIX pax: a record without a value takes back what an earlier header said. */
  @Test
  void anEmptyRecordIsNone() throws IOException {
    String first = record("path", "other") + record("size", "9") + record("uid", "5");
    String second = record("path", "") + record("size", "") + record("uid", "");
    raw(new TarHeader("pax", 'x', first.length()), first);
    raw(new TarHeader("pax", 'x', second.length()), second);
    raw(new TarHeader("f", '0', 3), "abc");
    TarEntry entry = only();
    assertThat(entry.name()).isEqualTo("f");
    assertThat(entry.sizeBytes()).isEqualTo(3);
    assertThat(entry.uid()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"'0000755 ', 493", "'   755', 493", "'755', 493", "'', 0", "'0010755', 493"})
  void octalNumbersHaveBlanksOnEitherSide(String mode, int expected) throws IOException {
    TarHeader header = new TarHeader("f", '0', 0);
    Arrays.fill(header.bytes, 100, 108, (byte) 0);
    raw(header.text(100, mode), "");
    assertThat(only().mode()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000758", "000075x", "-000755"})
  void aNumberThatIsNotOctalIsRefused(String mode) {
    raw(new TarHeader("f", '0', 0).text(100, mode), "");
    assertThatThrownBy(this::only)
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("invalid number in a header");
  }

  @ParameterizedTest
  @ValueSource(strings = {"now", "1.x", ""})
  void aTimeThatIsNoneIsRefusedUnlessItIsEmpty(String text) throws IOException {
    String records = record("mtime", text);
    raw(new TarHeader("pax", 'x', records.length()), records);
    raw(new TarHeader("f", '0', 0), "");
    if (text.isEmpty()) {
      assertThat(only().mtimeSeconds()).isEqualTo(1_000_000_000);
    } else {
      assertThatThrownBy(this::only).hasMessageContaining("invalid time in a PAX record");
    }
  }

  @Test
  void namesFillTheirFields() throws IOException {
    raw(
        new TarHeader("n".repeat(100), '2', 0).text(157, "l".repeat(100)).posix("p".repeat(155)),
        "");
    TarEntry entry = only();
    assertThat(entry.name()).isEqualTo("p".repeat(155) + "/" + "n".repeat(100));
    assertThat(entry.linkName()).isEqualTo("l".repeat(100));
  }

  @Test
  void limitsAName() throws IOException {
    String longest = record("path", "n".repeat(4096));
    raw(new TarHeader("pax", 'x', longest.length()), longest);
    raw(new TarHeader("f", '0', 0), "");
    assertThat(reader().next().name()).hasSize(4096);
    for (String name : new String[] {"n".repeat(4097), "a\0b"}) {
      bytes.reset();
      String records = record("path", name);
      raw(new TarHeader("pax", 'x', records.length()), records);
      raw(new TarHeader("f", '0', 0), "");
      assertThatThrownBy(() -> reader().next())
          .isInstanceOf(JcomposeException.Corrupt.class)
          .hasMessageContaining("name is too long or has a NUL");
    }
  }

  @Test
  void whatIsNotReadOfAnEntryIsPassedOver() throws IOException {
    raw(new TarHeader("one", '0', 600), "x".repeat(600));
    raw(new TarHeader("two", '0', 3), "abc");
    bytes.writeBytes(new byte[1024]);
    TarReader reader = reader();
    assertThat(reader.next().name()).isEqualTo("one");
    assertThat(reader.read(new byte[9], 0, 9)).isEqualTo(9);
    assertThat(reader.offset()).isEqualTo(9);
    assertThat(reader.dataBytes()).isEqualTo(591);
    assertThat(reader.isSparse()).isFalse();
    assertThat(reader.next().name()).isEqualTo("two");
    assertThat(reader.offset()).isZero();
    assertThat(reader.dataBytes()).isEqualTo(3);
    byte[] buffer = new byte[9];
    assertThat(reader.read(buffer, 1, 8)).isEqualTo(3);
    assertThat(buffer).startsWith(0, 'a', 'b', 'c', 0);
    assertThat(reader.read(buffer, 0, 9)).isEqualTo(-1);
  }

  /**
   * What is no file has no data, whatever its header says: writers keep the size of a hard link.
   */
  @ParameterizedTest
  @ValueSource(chars = {'1', '2', '3', '4', '5', '6'})
  void onlyFilesHaveData(char type) throws IOException {
    raw(new TarHeader("one", type, 600), "");
    raw(new TarHeader("two", '0', 0), "");
    bytes.writeBytes(new byte[1024]);
    TarReader reader = reader();
    assertThat(reader.next().sizeBytes()).isZero();
    assertThat(reader.next().name()).isEqualTo("two");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 513, 1023})
  void anArchiveThatIsCutIsRefused(int length) throws IOException {
    String records = record("path", "p".repeat(600));
    raw(new TarHeader("pax", 'x', records.length()), records);
    byte[] cut = Arrays.copyOf(bytes.toByteArray(), length);
    assertThatThrownBy(() -> new TarReader(new ByteArrayInputStream(cut)).next())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("unexpected end of archive");
  }

  /** As umoci writes it; the end of the input is that of the archive. */
  @Test
  void theLastFileNeedNoPadding() throws IOException {
    raw(new TarHeader("file", '0', 5), "12345");
    byte[] short5 = Arrays.copyOf(bytes.toByteArray(), 512 + 5);
    TarReader reader = new TarReader(new ByteArrayInputStream(short5));
    assertThat(reader.next()).isNotNull();
    assertThat(reader.next()).isNull();
    TarReader cut = new TarReader(new ByteArrayInputStream(Arrays.copyOf(short5, 512 + 4)));
    assertThat(cut.next()).isNotNull();
    assertThatThrownBy(cut::next)
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("unexpected end of archive");
  }

  private TarReader reader() {
    return new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
  }

  private void header(char type, String text) throws IOException {
    byte[] data = text.getBytes(StandardCharsets.ISO_8859_1);
    tar.entry(new TarEntry("f", type, 0644, 0, 0, data.length, 0, 0, "", 0, 0, Map.of()));
    tar.write(data, 0, data.length);
    tar.endEntry();
  }
}
