package io.jcompose.images.layer;

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

  /** As written by hand: each field of a header of 512 bytes. */
  private static final class Header {
    final byte[] bytes = new byte[512];

    Header(String name, char type, long size) {
      text(0, name);
      octal(100, 7, 0644);
      octal(108, 7, 7);
      octal(116, 7, 8);
      octal(124, 11, size);
      octal(136, 11, 1_000_000_000);
      bytes[156] = (byte) type;
    }

    Header text(int at, String text) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      System.arraycopy(encoded, 0, bytes, at, encoded.length);
      return this;
    }

    Header octal(int at, int digits, long value) {
      String text = Long.toOctalString(value);
      return text(at, "0".repeat(digits - text.length()) + text);
    }

    Header posix(String prefix) {
      return text(257, "ustar").text(263, "00").text(345, prefix);
    }

    Header gnu(String elsewhere) {
      return text(257, "ustar  ").text(345, elsewhere);
    }

    /** A number of base 256, as GNU tar writes those that octal digits have no room for. */
    Header binary(int at, int length, long value) {
      for (int i = 1; i <= length; i++) {
        bytes[at + length - i] = (byte) (i > 8 ? value >> 63 : value >> (8 * (i - 1)));
      }
      bytes[at] |= (byte) 0x80;
      return this;
    }

    byte[] sealed() {
      Arrays.fill(bytes, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte each : bytes) {
        sum += each & 0xff;
      }
      octal(148, 6, sum);
      bytes[154] = 0;
      return bytes;
    }
  }

  private void raw(Header header, String data) {
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
    raw(new Header("file", '0', 0).posix("a/long/way"), "");
    assertThat(only().name()).isEqualTo("a/long/way/file");
  }

  /** In GNU tar's old format other things stand where the prefix would. */
  @Test
  void aNameOfGnuTarHasNone() throws IOException {
    raw(new Header("file", '0', 0).gnu("12345670123"), "");
    assertThat(only().name()).isEqualTo("file");
  }

  @Test
  void longNamesAndLinksOfGnuTarAreThoseOfTheNextEntry() throws IOException {
    String name = "d/".repeat(100) + "name";
    String link = "l/".repeat(100) + "link";
    raw(new Header("././@LongLink", 'L', name.length() + 1), name + "\0");
    raw(new Header("././@LongLink", 'K', link.length() + 1), link + "\0");
    raw(new Header(name.substring(0, 99), '2', 0).text(157, "short"), "");
    raw(new Header("next", '2', 0).text(157, "short"), "");
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
        new Header("f", '0', 0)
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
    raw(new Header("f", '0', 0).binary(124, 12, -1), "");
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
    raw(new Header("pax", 'x', records.length()), records);
    raw(new Header("f", '0', 0), "abc");
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
    raw(new Header("pax", 'x', records.length()), records);
    raw(new Header("f", '0', 0), "");
    TarEntry entry = only();
    assertThat(entry.mtimeSeconds()).isEqualTo(seconds);
    assertThat(entry.mtimeNanos()).isEqualTo(nanos);
  }

  /** A device of the numbers 0:0 would be a whiteout of overlayfs. */
  @Test
  void devicesHaveTheirNumbers() throws IOException {
    raw(new Header("null", '3', 0).posix("").octal(329, 7, 1).octal(337, 7, 3), "");
    TarEntry entry = only();
    assertThat(entry.major()).isEqualTo(1);
    assertThat(entry.minor()).isEqualTo(3);
  }

  @Test
  void whatIsNoDeviceHasNone() throws IOException {
    raw(new Header("f", '0', 0).posix("").octal(329, 7, 1).octal(337, 7, 3), "");
    TarEntry entry = only();
    assertThat(entry.major()).isZero();
    assertThat(entry.minor()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, dir/, 5", "0, file, 0", "7, file, 7", "1, file, 1"})
  void aFileWhoseNameEndsInASlashIsAFolder(char type, String name, char shown) throws IOException {
    raw(new Header(name, type, 0), "");
    assertThat(only().type()).isEqualTo(shown);
  }

  @Test
  void aTypeOfTheOldFormatIsAFile() throws IOException {
    raw(new Header("file", '\0', 3), "abc");
    TarEntry entry = only();
    assertThat(entry.type()).isEqualTo('0');
    assertThat(entry.sizeBytes()).isEqualTo(3);
  }

  @Test
  void aWrongChecksumIsRefused() {
    Header header = new Header("file", '0', 0);
    header.sealed();
    header.bytes[0] = 'F';
    bytes.writeBytes(header.bytes);
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("checksum");
  }

  /** As umoci writes it; the end of the input is that of the archive. */
  @Test
  void theLastFileNeedNoPadding() throws IOException {
    raw(new Header("file", '0', 5), "12345");
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

  private static String record(String key, String value) {
    String text = " " + key + "=" + value + "\n";
    int length = text.length();
    while (String.valueOf(length).length() + text.length() != length) {
      length = String.valueOf(length).length() + text.length();
    }
    return length + text;
  }
}
